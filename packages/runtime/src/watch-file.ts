import { stat } from 'node:fs/promises';
import type { Clock } from '@hostler/kernel';

export interface FileWatchOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Called when the file has changed, came or went, and is at rest since. */
  readonly onChange: () => void;
  /** What tells one state of the file from another; default `stateOfFile`. */
  readonly look?: (path: string) => Promise<string>;
}

export interface FileWatch {
  /** Does nothing when it is started. */
  start(): void;
  stop(): void;
}

/** Milliseconds between two looks: whoever takes a key back must not wait for a second. */
const PAUSE = 250;

/**
 * Watches a file by looking at it: unlike the notifications of file systems that also works for network and container
 * mounts, for editors that put a new file in the place of the old one, and where a link anywhere on the path is switched,
 * which is how Kubernetes updates a mounted config map.
 */
export function createFileWatch({ path, clock, onChange, look = stateOfFile }: FileWatchOptions): FileWatch {
  let cancel: (() => void) | undefined;
  /** Of the file as it was reported last, and as it was seen last. */
  let known: string | undefined;
  let seen: string | undefined;

  async function check(): Promise<void> {
    const now = await look(path);
    if (cancel === undefined) return;
    known ??= now;
    // Changed and at rest for one pause: nobody is in the middle of writing it.
    if (now !== known && now === seen) {
      known = now;
      onChange();
    }
    seen = now;
    cancel = clock.after(PAUSE, () => void check());
  }

  return {
    start() {
      if (cancel !== undefined) return;
      cancel = () => undefined;
      known = undefined;
      void check();
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

/** Follows links, so that it is about the file that would be read. */
async function stateOfFile(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'absent';
  }
}

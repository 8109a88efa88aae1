import type { Clock } from '@hostler/kernel';

export interface IdleWatchOptions {
  readonly clock: Clock;
  /** Milliseconds without use. */
  readonly idle: number;
  /** When it was last in use; undefined while it is. */
  readonly lastUsed: () => number | undefined;
  readonly onIdle: () => void;
}

/** One timer however many calls there are: it looks when the time could be over for the first time. */
export function watchIdle({ clock, idle, lastUsed, onIdle }: IdleWatchOptions): () => void {
  let cancel = clock.after(idle, look);
  function look(): void {
    const left = (lastUsed() ?? clock.now()) + idle - clock.now();
    if (left > 0) cancel = clock.after(left, look);
    else onIdle();
  }
  return () => cancel();
}

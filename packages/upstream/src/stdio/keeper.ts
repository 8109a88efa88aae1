import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Logger } from '@hostler/kernel';

/**
 * Outlives the host by a moment and ends the process groups that a killed host left behind, and the files with secrets that
 * they were given. One small shell process per host, there while any child or such a file is.
 */
export interface Keeper {
  /** To be called in the same turn in which the child was started. */
  add(group: number): void;
  /** The group has ended. Resolves when, after the last one, the keeper has ended too. */
  remove(group: number): Promise<void>;
  /** A directory that is to go with the host. To be called while it is empty. */
  keep(directory: string): void;
  /** It is gone. Resolves as `remove` does. */
  forget(directory: string): Promise<void>;
}

/**
 * Reads lines such as "add N" and "remove N". When its input ends, which it does however the host ends, whatever group is
 * still listed gets SIGTERM, two seconds, SIGKILL, and whatever directory is listed is removed. Lists have one entry a line,
 * so that paths may hold anything else. `kill -s` because the `kill` of some shells does not take `--` after a short option.
 */
const SCRIPT = `
set -f
newline='
'
IFS=$newline
groups=
directories=
without() {
  left=
  for one in $1; do [ "$one" = "$2" ] || left="$left$newline$one"; done
}
while IFS=' ' read -r word entry; do
  case "$word" in
    add) groups="$groups$newline$entry" ;;
    remove) without "$groups" "$entry"; groups=$left ;;
    keep) directories="$directories$newline$entry" ;;
    forget) without "$directories" "$entry"; directories=$left ;;
  esac
done
alive() { for one in $groups; do kill -s 0 -- "-$one" && return 0; done; return 1; }
for one in $groups; do kill -s TERM -- "-$one"; done
for one in $directories; do rm -rf -- "$one"; done
round=0
while [ $round -lt 20 ] && alive; do sleep 0.1; round=$((round + 1)); done
for one in $groups; do kill -s KILL -- "-$one"; done
exit 0
`;

/** A keeper that ends by itself is started again, but not for ever. */
const MAX_STARTS = 5;

/** Windows has no process groups: there the keeper does nothing. */
export function createKeeper(log: Logger, platform: NodeJS.Platform = process.platform): Keeper {
  return platform === 'win32' ? NO_KEEPER : new ShellKeeper(log);
}

const NO_KEEPER: Keeper = {
  add: () => {},
  remove: () => Promise.resolve(),
  keep: () => {},
  forget: () => Promise.resolve(),
};

class ShellKeeper implements Keeper {
  readonly #log: Logger;
  readonly #groups = new Set<number>();
  readonly #directories = new Set<string>();
  #shell: ChildProcess | undefined;
  #starts = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  add(group: number): void {
    this.#groups.add(group);
    this.#tell('add', group);
  }

  async remove(group: number): Promise<void> {
    if (!this.#groups.delete(group)) return;
    if (this.#isIdle()) await this.#end();
    else this.#write('remove', group);
  }

  keep(directory: string): void {
    this.#directories.add(directory);
    this.#tell('keep', directory);
  }

  async forget(directory: string): Promise<void> {
    if (!this.#directories.delete(directory)) return;
    if (this.#isIdle()) await this.#end();
    else this.#write('forget', directory);
  }

  #isIdle(): boolean {
    return this.#groups.size === 0 && this.#directories.size === 0;
  }

  /** One that starts is told of everything there is. */
  #tell(word: 'add' | 'keep', entry: number | string): void {
    if (this.#shell) this.#write(word, entry);
    else this.#start();
  }

  #start(): void {
    this.#starts += 1;
    const started = spawn('/bin/sh', ['-c', SCRIPT], {
      // A session of its own: a signal to the host's group, such as Ctrl-C at a terminal, is not for the keeper.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    });
    this.#shell = started;
    started.on('error', (error) => this.#onGone(started, error));
    started.on('exit', () => this.#onGone(started));
    // It ended before it read everything: that is the exit event's business.
    started.stdin.on('error', () => {});
    started.unref();
    for (const group of this.#groups) this.#write('add', group);
    for (const directory of this.#directories) this.#write('keep', directory);
  }

  #onGone(gone: ChildProcess, error?: Error): void {
    if (this.#shell !== gone) return;
    this.#shell = undefined;
    if (this.#isIdle()) return;
    if (this.#starts < MAX_STARTS) return this.#start();
    this.#log.warn({ error }, 'the keeper does not run: if this process is killed, its servers may stay behind');
  }

  /** The kernel has the line when this returns: nothing is queued on a pipe that is all but empty. */
  #write(word: 'add' | 'remove' | 'keep' | 'forget', entry: number | string): void {
    this.#shell?.stdin?.write(`${word} ${entry}\n`);
  }

  async #end(): Promise<void> {
    const ending = this.#shell;
    this.#shell = undefined;
    this.#starts = 0;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = new Promise((resolve) => ending.once('exit', resolve).once('error', resolve));
    ending.ref();
    ending.stdin?.end();
    await exited;
  }
}

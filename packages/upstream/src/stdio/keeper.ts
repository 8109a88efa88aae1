import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Logger } from '@hostler/kernel';

/**
 * Outlives the host by a moment and ends the process groups that a killed host left behind. One small shell process
 * per host, there while any child is.
 */
export interface Keeper {
  /** To be called in the same turn in which the child was started. */
  add(group: number): void;
  /** The group has ended. Resolves when, after the last one, the keeper has ended too. */
  remove(group: number): Promise<void>;
}

/**
 * Reads "add N" and "remove N". When its input ends, which it does however the host ends, whatever is still listed gets
 * SIGTERM, two seconds, SIGKILL. `kill -s` because the `kill` of some shells does not take `--` after a short option.
 */
const SCRIPT = `
groups=
while read -r word group; do
  case "$word" in
    add) groups="$groups $group" ;;
    remove)
      left=
      for one in $groups; do [ "$one" = "$group" ] || left="$left $one"; done
      groups=$left ;;
  esac
done
alive() { for one in $groups; do kill -s 0 -- "-$one" && return 0; done; return 1; }
for one in $groups; do kill -s TERM -- "-$one"; done
round=0
while [ $round -lt 20 ] && alive; do sleep 0.1; round=$((round + 1)); done
for one in $groups; do kill -s KILL -- "-$one"; done
exit 0
`;

/** A keeper that ends by itself is started again, but not for ever. */
const MAX_STARTS = 5;

/** Windows has no process groups: there the keeper does nothing. */
export function createKeeper(log: Logger, platform: NodeJS.Platform = process.platform): Keeper {
  const groups = new Set<number>();
  let shell: ChildProcess | undefined;
  let starts = 0;

  function start(): void {
    starts += 1;
    const started = spawn('/bin/sh', ['-c', SCRIPT], {
      // A session of its own: a signal to the host's group, such as Ctrl-C at a terminal, is not for the keeper.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    });
    shell = started;
    started.on('error', (error) => onGone(started, error));
    started.on('exit', () => onGone(started));
    // It ended before it read everything: that is the exit event's business.
    started.stdin.on('error', () => {});
    started.unref();
    for (const group of groups) write('add', group);
  }

  function onGone(gone: ChildProcess, error?: Error): void {
    if (shell !== gone) return;
    shell = undefined;
    if (groups.size === 0) return;
    if (starts < MAX_STARTS) return start();
    log.warn({ error }, 'the keeper does not run: if this process is killed, its servers may stay behind');
  }

  /** The kernel has the line when this returns: nothing is queued on a pipe that is all but empty. */
  function write(word: 'add' | 'remove', group: number): void {
    shell?.stdin?.write(`${word} ${group}\n`);
  }

  async function end(): Promise<void> {
    const ending = shell;
    shell = undefined;
    starts = 0;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = new Promise((resolve) => ending.once('exit', resolve).once('error', resolve));
    ending.ref();
    ending.stdin?.end();
    await exited;
  }

  return {
    add(group) {
      if (platform === 'win32') return;
      groups.add(group);
      if (shell) write('add', group);
      else start();
    },
    async remove(group) {
      if (!groups.delete(group)) return;
      if (groups.size === 0) await end();
      else write('remove', group);
    },
  };
}

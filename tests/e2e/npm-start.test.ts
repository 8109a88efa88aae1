import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { alive, descendants, startProcess } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/**
 * `npm start` on a terminal of its own (util-linux), where signals travel other ways than without one. The shell stays
 * when npm has ended: the end of the terminal would end everything.
 */
const onTerminal = ['-qec', 'npm start -- --port 0; cat', '/dev/null'];
const canRun = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

describe.runIf(canRun)('npm start on a terminal', () => {
  it.each(['SIGTERM', 'SIGHUP', 'SIGKILL'] as const)('leaves nothing behind when npm alone gets %s', async (signal) => {
    await using terminal = await startProcess('script', onTerminal, {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', TERM: 'xterm' },
      waitFor: /Ctrl-C stops/,
      timeout: 50_000,
    });
    const npm = descendants(terminal.pid).find((pid) => commandOf(pid).startsWith('npm start')) ?? -1;
    const started = descendants(npm);
    // The three servers of the example, the host, and what is in between.
    expect(started.length).toBeGreaterThan(4);
    process.kill(npm, signal);
    await expect.poll(() => started.filter(alive).map(commandOf), { timeout: 20_000 }).toEqual([]);
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alive, chaosServer, descendants, startProcess, temporaryDirectory } from '@hostler/test-kit';
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

describe('npm start', () => {
  it('runs a configuration of one’s own in the place of the example', async () => {
    await using folder = await temporaryDirectory();
    const own = join(folder.path, 'own.yaml');
    await writeFile(own, JSON.stringify({ servers: { mine: chaosServer() } }));
    await using host = await startProcess('npm', ['start', '--', own, '--port', '0', '--json'], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', XDG_STATE_HOME: folder.path },
    });
    const ready = await host.stdout.take((line) => line.startsWith('{'), 50_000);
    expect(JSON.parse(ready)).toMatchObject({ event: 'ready', servers: [{ name: 'mine', status: 'up' }] });
  });
});

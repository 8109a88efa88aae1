import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  alive,
  chaosServer,
  descendants,
  openLegacySession,
  startProcess,
  temporaryDirectory,
} from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

describe('the host as a process of its own', () => {
  it.each([
    ['SIGKILL', null],
    ['SIGTERM', 0],
    ['SIGINT', 0],
  ] as const)('%s leaves no process behind', async (signal, exitCode) => {
    await using directory = await temporaryDirectory();
    const config = join(directory.path, 'hostler.json');
    const plain = chaosServer();
    const stubborn = chaosServer('--ignore-sigterm', '--ignore-stdin-close');
    await writeFile(config, JSON.stringify({ servers: { plain, stubborn } }));
    const host = await startProcess(
      process.execPath,
      ['--conditions=@hostler/source', cli, 'run', config, '--port', '0', '--json'],
      { waitFor: /"event":"ready"/, timeout: 30_000 },
    );
    const { url } = JSON.parse(host.firstLine) as { url: string };
    const session = await openLegacySession(new URL('/servers/plain/mcp', url).href);
    await session.call('tools/call', { name: 'fork-grandchild', arguments: {} });
    const family = descendants(host.pid);
    expect(family.length).toBeGreaterThanOrEqual(3);

    process.kill(host.pid, signal);
    const { code } = await host.exited;
    expect(code).toBe(exitCode);
    await gone(family);
  });
});

/** Processes of a crashed host end a moment after it: looked at again and again, for ten seconds at most. */
async function gone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.filter(alive), { timeout: 10_000, interval: 20 }).toEqual([]);
}

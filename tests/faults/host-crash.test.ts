import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  alive,
  callModern,
  chaosServer,
  descendants,
  exchange,
  openLegacySession,
  startProcess,
  temporaryDirectory,
} from '@hostler/test-kit';
import type { RunningProcess } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const hostArguments = (config: string): string[] => [
  '--conditions=@hostler/source',
  cli,
  'run',
  config,
  '--port',
  '0',
  '--json',
];
const ready = { waitFor: /"event":"ready"/, timeout: 30_000 };
const urlOf = ({ firstLine }: RunningProcess): string => (JSON.parse(firstLine) as { url: string }).url;

describe('the host as a process of its own', () => {
  it.each([
    ['F13 SIGKILL', 'SIGKILL', null],
    ['SIGTERM', 'SIGTERM', 0],
    ['SIGINT', 'SIGINT', 0],
  ] as const)('%s leaves no process behind', async (_name, signal, exitCode) => {
    await using directory = await temporaryDirectory();
    const config = join(directory.path, 'hostler.json');
    const record = join(directory.path, 'starts');
    const plain = chaosServer(`--record-start=${record}`);
    const stubborn = chaosServer('--ignore-sigterm', '--ignore-stdin-close', `--record-start=${record}`);
    await writeFile(config, JSON.stringify({ servers: { plain, stubborn } }));
    const host = await startProcess(process.execPath, hostArguments(config), ready);
    const session = await openLegacySession(new URL('/servers/plain/mcp', urlOf(host)).href);
    await session.call('tools/call', { name: 'fork-grandchild', arguments: {} });
    const family = descendants(host.pid);
    expect(family.length).toBeGreaterThanOrEqual(3);

    process.kill(host.pid, signal);
    const { code } = await host.exited;
    expect(code).toBe(exitCode);
    if (signal === 'SIGKILL') await expectOneOfEach(config, record);
    await gone(family);
  });

  it('F14 EMFILE: it lives with few descriptors, serves what it could start, and says what it could not', async () => {
    await using directory = await temporaryDirectory();
    const config = join(directory.path, 'hostler.json');
    const names = Array.from({ length: 16 }, (_, index) => `server-${index}`);
    const server = { ...chaosServer(), env: { CANARY: 'in-the-environment' } };
    await writeFile(config, JSON.stringify({ servers: Object.fromEntries(names.map((name) => [name, server])) }));
    const limited = ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, ...hostArguments(config)];
    await using host = await startProcess('/bin/sh', limited, ready);
    const url = urlOf(host);
    expect((await exchange(new URL('/livez', url).href)).status).toBe(200);
    const codes: unknown[] = [];
    // One after the other: each connection takes one of the few descriptors, too.
    for (const name of names) {
      const [answer] = (await callModern(new URL(`/servers/${name}/mcp`, url).href, 'tools/call', okCall)).messages;
      codes.push(answer?.error?.code ?? 'ok');
    }
    expect(new Set(codes)).toEqual(new Set(['ok', -32_010]));
    expect(host.stdout.text() + host.stderr.text()).not.toContain('in-the-environment');
  });
});

/** No server of the crashed host runs beside that of the next. */
async function expectOneOfEach(config: string, record: string): Promise<void> {
  await using again = await startProcess(process.execPath, hostArguments(config), ready);
  const starts = async (): Promise<number[]> => (await readFile(record, 'utf8')).trim().split('\n').map(Number);
  const children = descendants(again.pid);
  expect((await starts()).filter((pid) => children.includes(pid))).toHaveLength(2);
  await expect.poll(async () => (await starts()).filter(alive), { timeout: 10_000, interval: 20 }).toHaveLength(2);
}

const okCall = { name: 'ok', arguments: {} };

/** Processes of a crashed host end a moment after it: looked at again and again, for ten seconds at most. */
async function gone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.filter(alive), { timeout: 10_000, interval: 20 }).toEqual([]);
}

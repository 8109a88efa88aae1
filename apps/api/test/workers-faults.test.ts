import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { verifyAudit } from '@hostler/audit';
import type { ConfigFile } from '@hostler/config';
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
import type { HttpAnswer } from '@hostler/test-kit';
import { startWorkersRig } from './support/workers-rig.ts';
import type { WorkersRig } from './support/workers-rig.ts';

const config = (): ConfigFile => ({ servers: { one: { ...chaosServer() } } as never, shutdown: { grace: '10s' } });
const START = 240_000;

const echo = ({ url }: Pick<WorkersRig, 'url'>): Promise<HttpAnswer> =>
  callModern(`${url}/servers/one/mcp`, 'tools/call', { name: 'echo', arguments: { x: 1 } });

/** The sockets of the processes of one host lie in a folder of theirs. */
async function socketFolders({ folder }: WorkersRig): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('hostler-'));
}

describe('a host with workers', () => {
  it(
    'starts a worker that was killed again, serves meanwhile, and forgets its sessions alone',
    { timeout: START },
    async () => {
      await using rig = await startWorkersRig({ config });
      const sessions = await Promise.all([1, 2].map(() => openLegacySession(`${rig.url}/servers/one/mcp`)));
      const workers = await rig.workers();
      expect(workers.size).toBe(2);
      process.kill(workers.get(1) ?? 0, 'SIGKILL');
      await rig.process.stderr.take((line) => line.includes('a worker ended'), 30_000);
      expect((await echo(rig)).status).toBe(200);
      const answers = await Promise.all(sessions.map((session) => session.call('ping')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 404]));
      await expect.poll(async () => (await rig.workers()).size, { timeout: 60_000 }).toBe(2);
      await expect.poll(async () => (await exchange(`${rig.url}/readyz`)).status, { timeout: 60_000 }).toBe(200);
      const again = await Promise.all(Array.from({ length: 4 }, () => echo(rig)));
      expect(again.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      // Both at once: then the one that has the servers answers.
      for (const pid of (await rig.workers()).values()) process.kill(pid, 'SIGKILL');
      await rig.process.stderr.take((line) => line.includes('a worker ended'), 30_000);
      await rig.process.stderr.take((line) => line.includes('a worker ended'), 30_000);
      expect((await echo(rig)).status).toBe(200);
      expect(await rig.process.stop(20_000)).toMatchObject({ code: 0 });
      expect(await socketFolders(rig)).toEqual([]);
    },
  );

  it('leaves nothing when it is killed: no worker, no child, no socket', { timeout: START }, async () => {
    await using rig = await startWorkersRig({ config });
    const left = descendants(rig.process.pid);
    expect(left.length).toBeGreaterThan(3);
    expect(await socketFolders(rig)).toHaveLength(1);
    process.kill(rig.process.pid, 'SIGKILL');
    await expect.poll(() => left.filter(alive), { timeout: 30_000 }).toEqual([]);
    expect(await socketFolders(rig)).toEqual([]);
  });

  it(
    'answers what is under way at SIGTERM, and lets no worker end by a signal to the whole group',
    { timeout: START },
    async () => {
      await using rig = await startWorkersRig({ config });
      const left = descendants(rig.process.pid);
      const sessions = await Promise.all([1, 2].map(() => openLegacySession(`${rig.url}/servers/one/mcp`)));
      const calls = await Promise.all(
        sessions.map((session) => session.open('tools/call', { name: 'slow', arguments: { ms: 1_500 } })),
      ).catch(() => []);
      const slow = sessions.map((session) => session.call('tools/call', { name: 'slow', arguments: { ms: 1_500 } }));
      for (const call of calls) call.close();
      await expect
        .poll(async () => (await echo(rig)).text.includes('result') && (await stats(rig)).includes('slow'), {
          timeout: 30_000,
        })
        .toBe(true);
      for (const pid of (await rig.workers()).values()) process.kill(pid, 'SIGTERM');
      process.kill(rig.process.pid, 'SIGTERM');
      const answers = await Promise.all(slow);
      expect(answers.map(({ messages }) => messages.at(-1)?.result)).toMatchObject([
        { content: [{ text: 'slow' }] },
        { content: [{ text: 'slow' }] },
      ]);
      expect(await rig.process.exited).toEqual({ code: 0, signal: null });
      expect(left.filter(alive)).toEqual([]);
    },
  );

  it(
    'records an end of each call: of those before it is told to stop, and of those of a worker that is killed',
    {
      timeout: START,
    },
    async () => {
      const recorded = (folder: string): ConfigFile => ({
        ...config(),
        audit: { sinks: [{ type: 'file', directory: join(folder, 'audit') }] },
      });
      await using rig = await startWorkersRig({ config: recorded });
      const directory = join(rig.folder, 'audit');
      const slow = (ms: number): Promise<HttpAnswer> =>
        callModern(`${rig.url}/servers/one/mcp`, 'tools/call', { name: 'slow', arguments: { ms } });
      const left = slow(120_000).catch(() => undefined);
      await expect.poll(() => stats(rig), { timeout: 30_000 }).toContain('slow');
      for (const pid of (await rig.workers()).values()) process.kill(pid, 'SIGKILL');
      await left;
      await expect
        .poll(() => outcomes(directory), { timeout: 30_000 })
        .toContainEqual(
          expect.objectContaining({
            server: 'one',
            name: 'slow',
            result: 'failed',
            code: 'WORKER_ENDED',
            mayHaveRun: true,
          }),
        );
      await expect.poll(async () => (await rig.workers()).size, { timeout: 60_000 }).toBe(2);
      await expect.poll(async () => (await exchange(`${rig.url}/readyz`)).status, { timeout: 60_000 }).toBe(200);
      const answers = await Promise.all(Array.from({ length: 8 }, () => slow(1)));
      expect(await rig.process.stop(20_000)).toMatchObject({ code: 0 });
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
      const ended = (await outcomes(directory)).filter(({ name, result }) => name === 'slow' && result === 'ok');
      expect(ended).toHaveLength(8);
      expect(await verifyAudit(directory)).toMatchObject({ chains: [{ unknown: [], isClosed: true }] });
    },
  );

  it('ends although something that a worker has started holds its output open', { timeout: START }, async () => {
    await using folder = await temporaryDirectory();
    const hook = join(folder.path, 'starts-something.cjs');
    await writeFile(hook, STARTS_SOMETHING);
    await using rig = await startWorkersRig({ config, nodeOptions: `--require ${hook}` });
    const commands = descendants(rig.process.pid).map(async (pid) => [pid, await commandOf(pid)] as const);
    const holding = (await Promise.all(commands)).flatMap(([pid, command]) => (command === 'sleep 60' ? [pid] : []));
    expect(holding).toHaveLength(2);
    expect(await rig.process.stop(30_000)).toMatchObject({ code: 0 });
    expect(holding.filter(alive)).toEqual(holding);
    for (const pid of holding) process.kill(pid);
  });

  it('goes on with a server that crashed and one that was added, in all workers', { timeout: START }, async () => {
    await using rig = await startWorkersRig({ config });
    const call = (server: string, name: string): Promise<HttpAnswer> =>
      callModern(`${rig.url}/servers/${server}/mcp`, 'tools/call', { name, arguments: {} });
    await call('one', 'crash').catch(() => undefined);
    const bothAnswer = async (server: string): Promise<readonly boolean[]> =>
      (await Promise.all([1, 2, 3, 4].map(() => call(server, 'echo')))).map(({ text }) => text.includes('"result"'));
    await expect.poll(() => bothAnswer('one'), { timeout: 60_000 }).toEqual([true, true, true, true]);
    const servers = { one: { ...chaosServer() }, two: { ...chaosServer() } } as never;
    await rig.write({ servers, shutdown: { grace: '1s' } });
    process.kill(rig.process.pid, 'SIGHUP');
    await expect.poll(() => bothAnswer('two'), { timeout: 60_000 }).toEqual([true, true, true, true]);
  });

  it('refuses what workers cannot share, at the start', { timeout: START }, async () => {
    await using folder = await temporaryDirectory();
    const path = join(folder.path, 'hostler.json');
    const consumers = { a: { keys: [], limits: { concurrent: 1 } } };
    await writeFile(path, JSON.stringify({ servers: {}, consumers, listen: { port: 0, workers: 2 } }));
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const env = { PATH: process.env['PATH'] ?? '', TMPDIR: folder.path, XDG_STATE_HOME: folder.path };
    await using refused = await startProcess(process.execPath, ['--conditions=@hostler/source', main, path], { env });
    expect(await refused.exited).toEqual({ code: 1, signal: null });
    await refused.stderr.ended;
    expect(refused.stderr.text()).toContain('consumers.a.limits.concurrent: 1 is less than one for each worker');
  });
});

/** In a worker alone. */
const STARTS_SOMETHING = `
  const { spawn } = require('node:child_process');
  const isWorker = /worker-main/.test(process.argv[1]);
  if (isWorker) spawn('sleep', ['60'], { stdio: ['ignore', 'inherit', 'inherit'], detached: true }).unref();
`;

async function commandOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.split('\0').slice(0, -1).join(' ');
}

async function outcomes(directory: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const [segment = ''] = await readdir(directory);
  const lines = (await readFile(join(directory, segment), 'utf8')).split('\n').slice(0, -1);
  const records = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return records.filter(({ phase }) => phase === 'outcome');
}

async function stats(rig: WorkersRig): Promise<string> {
  return (await callModern(`${rig.url}/servers/one/mcp`, 'tools/call', { name: 'stats', arguments: {} })).text;
}

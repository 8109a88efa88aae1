import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { loadConfig } from '@hostler/config';
import { createExchange } from '@hostler/host';
import { isHostlerError } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { alive, chaosServer, descendants, temporaryDirectory } from '@hostler/test-kit';
import type { TemporaryDirectory } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime } from '../src/index.ts';
import type { Runtime } from '../src/index.ts';

/** Many tests share the machine. */
const SLOW = { timeout: 30_000 };

let folder: TemporaryDirectory;
let file: string;
let runtime: Runtime | undefined;
let log: string[];

beforeEach(async () => {
  folder = await temporaryDirectory();
  file = join(folder.path, 'hostler.json');
  log = [];
});
afterEach(async () => {
  await runtime?.close();
  runtime = undefined;
  await folder[Symbol.asyncDispose]();
});

function chaos(tag = 'x'): JsonObject {
  const { command, args } = chaosServer();
  return { command, args: [...args], env: { TAG: tag } };
}

function textFor(servers: JsonObject, rest: JsonObject = {}): string {
  return JSON.stringify({ servers, log: { level: 'info' }, shutdown: { grace: '20s' }, ...rest });
}

async function configure(servers: JsonObject, rest: JsonObject = {}): Promise<void> {
  await writeFile(file, textFor(servers, rest));
}

async function start(): Promise<Runtime> {
  const { plan } = await loadConfig(file);
  const logDestination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(...chunk.toString().trim().split('\n'));
      done();
    },
  });
  runtime = await createRuntime({ plan, environment: process.env, logDestination });
  await runtime.start();
  return runtime;
}

async function call(host: Runtime, name: string, parameters: JsonObject = {}): Promise<JsonObject> {
  const { payload, kind } = await host.host.dispatch(
    createExchange({
      method: 'tools/call',
      params: { name, arguments: parameters },
      scope: { kind: 'all' },
      consumer: host.anonymous,
      signal: AbortSignal.timeout(30_000),
    }),
  );
  expect(kind).toBe('result');
  return payload.value() as JsonObject;
}

function statusOf(host: Runtime): Record<string, string> {
  return Object.fromEntries(host.readiness().servers.map(({ name, status }) => [name, status]));
}

function codeOf(error: unknown): unknown {
  return isHostlerError(error) ? error.code : error;
}

describe('50 reloads under load', () => {
  it('fail no call, touch only what changed, and leave no process behind', async () => {
    await configure({ steady: chaos(), changing: chaos('0') });
    const host = await start();
    const before = descendants(process.pid).length;
    const failures: unknown[] = [];
    let calls = 0;
    let isOver = false;
    const caller = async (name: string): Promise<void> => {
      while (!isOver && failures.length === 0) {
        // oxlint-disable-next-line no-await-in-loop -- one client makes one call after the other
        await call(host, name, { a: calls }).then(
          () => (calls += 1),
          (error: unknown) => failures.push(codeOf(error), error),
        );
      }
    };
    const callers = ['steady__echo', 'steady__ok', 'changing__echo', 'changing__ok'].map(caller);
    const begun = performance.now();
    try {
      for (let turn = 1; turn <= 50; turn += 1) {
        // oxlint-disable-next-line no-await-in-loop -- one reload after the other
        await configure({ steady: chaos(), changing: chaos(String(turn)), ...(turn % 2 === 1 && { extra: chaos() }) });
        // oxlint-disable-next-line no-await-in-loop -- as above
        const report = await host.reload();
        expect(report).toMatchObject({
          changed: ['changing'],
          unchanged: ['steady'],
          failed: [],
          generation: turn + 1,
        });
        expect(failures).toEqual([]);
      }
    } finally {
      isOver = true;
    }
    await Promise.all(callers);
    process.stdout.write(
      `50 reloads under load: ${calls} calls, ${failures.length} failed, ${Math.round(performance.now() - begun)} ms\n`,
    );
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(500);
    expect(statusOf(host)).toEqual({ steady: 'up', changing: 'up' });
    expect(host.readiness().servers[0]?.restarts).toBe(0);
    await expect.poll(() => descendants(process.pid).length, SLOW).toBe(before);
  }, 180_000);
});

describe('a file that cannot be used', () => {
  // YAML contains JSON, and more ways to be wrong.
  beforeEach(() => {
    file = join(folder.path, 'hostler.yaml');
  });

  it.each<[string, () => Promise<void>, string]>([
    ['an invalid one', () => configure({ one: { comand: 'x' } }), 'CONFIG_INVALID'],
    ['a half-written one', () => writeFile(file, textFor({ one: chaos() }).slice(0, 40)), 'CONFIG_INVALID'],
    ['an empty one', () => writeFile(file, ''), 'CONFIG_INVALID'],
    ['a deleted one', () => rm(file), 'CONFIG_NOT_FOUND'],
    ['a folder', async () => (await rm(file), mkdir(file)), 'CONFIG_UNREADABLE'],
    [
      'one whose aliases multiply',
      async () => {
        const lines = Array.from(
          { length: 12 },
          (_, at) => `a${at}: &a${at} [${at === 0 ? 1 : `*a${at - 1},`.repeat(9)}]`,
        );
        await writeFile(file, lines.join('\n'));
      },
      'CONFIG_INVALID',
    ],
  ])('leaves everything as it is, and says so: %s', async (_what, spoil, code) => {
    await configure({ one: chaos() });
    const host = await start();
    const { plan } = host;
    await spoil();
    await expect(host.reload()).rejects.toMatchObject({ code });
    expect(host.plan).toBe(plan);
    expect(statusOf(host)).toEqual({ one: 'up' });
    expect(await call(host, 'one__ok')).toMatchObject({ content: [{ text: 'ok' }] });
    expect(host.readiness().configuration).toEqual({ generation: 1, problem: expect.any(String) as string });
    expect(log.filter((line) => line.includes('was not taken over'))).toHaveLength(1);
  });

  it('is told with file and line, and forgotten when it is mended', async () => {
    await configure({ one: chaos() });
    const host = await start();
    await writeFile(file, '{\n  "servers": {\n    "one": { "comand": "x" }\n  }\n}');
    await expect(host.reload()).rejects.toThrow('problems: ');
    expect(log.at(-1)).toContain('hostler.yaml:3:14 servers.one.comand: unknown key');
    await configure({ one: chaos() });
    expect(await host.reload()).toMatchObject({ generation: 2, unchanged: ['one'] });
    expect(host.readiness().configuration).toEqual({ generation: 2 });
  });
});

describe('a server that is removed with calls in flight', () => {
  it('finishes them', async () => {
    await configure({ one: chaos(), two: chaos() });
    const host = await start();
    const running = call(host, 'one__slow', { ms: 1_000 });
    await expect.poll(async () => JSON.stringify(await call(host, 'one__stats')), SLOW).toContain('slow');
    await configure({ two: chaos() });
    expect(await host.reload()).toMatchObject({ removed: ['one'] });
    await expect(call(host, 'one__ok')).rejects.toMatchObject({ code: 'ROUTE_NOT_FOUND' });
    expect(await running).toMatchObject({ content: [{ text: 'slow' }] });
  });

  it('fails them when their time is over', async () => {
    await configure({ one: chaos() }, { shutdown: { grace: '200ms' } });
    const host = await start();
    const children = descendants(process.pid);
    const running = call(host, 'one__hang');
    running.catch(() => undefined);
    await expect.poll(async () => JSON.stringify(await call(host, 'one__stats')), SLOW).toContain('hang');
    await configure({}, { shutdown: { grace: '200ms' } });
    await host.reload();
    await expect(running).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await expect.poll(() => children.filter(alive).length, SLOW).toBeLessThan(children.length);
  });
});

describe('two reloads at once', () => {
  it('are one after the other; what is there afterwards is the last one as a whole', async () => {
    await configure({ a: chaos(), b: chaos() });
    const host = await start();
    const first = { ...(await loadConfig(file)).plan };
    await configure({ a: chaos('first'), c: chaos('first') });
    const second = (await loadConfig(file)).plan;
    await configure({ b: chaos('second') });
    const third = (await loadConfig(file)).plan;
    const reports = await Promise.all([host.apply(second), host.apply(first), host.apply(third)]);
    expect(reports.map(({ generation }) => generation)).toEqual([2, 3, 4]);
    expect(host.plan).toBe(third);
    expect(statusOf(host)).toEqual({ b: 'up' });
  });
});

describe('the watched file', () => {
  const WATCHED = { reload: { watch: true } };
  const generation = (host: Runtime): number => host.readiness().configuration.generation;

  it('is read again when it is written, replaced, deleted and put back', async () => {
    await configure({ one: chaos() }, WATCHED);
    const host = await start();
    await configure({ one: chaos(), two: chaos() }, WATCHED);
    await expect.poll(() => generation(host), SLOW).toBe(2);
    const next = join(folder.path, 'next');
    await writeFile(next, textFor({ one: chaos() }, WATCHED));
    await rename(next, file);
    await expect.poll(() => generation(host), SLOW).toBe(3);
    await rm(file);
    await expect.poll(() => host.readiness().configuration.problem, SLOW).toContain('no configuration file');
    expect(statusOf(host)).toEqual({ one: 'up' });
    await configure({ one: chaos() });
    await expect.poll(() => generation(host), SLOW).toBe(4);
    expect(host.plan.reload.watch).toBe(false);
  });

  it('is followed through links that are switched, as Kubernetes mounts config maps', async () => {
    const put = async (version: string, servers: JsonObject): Promise<void> => {
      await mkdir(join(folder.path, version));
      await writeFile(join(folder.path, version, 'hostler.json'), textFor(servers, WATCHED));
      await symlink(version, join(folder.path, 'new'));
      await rename(join(folder.path, 'new'), join(folder.path, '..data'));
    };
    await put('v1', { one: chaos() });
    await symlink('..data/hostler.json', file);
    const host = await start();
    await put('v2', { one: chaos(), two: chaos() });
    await rm(join(folder.path, 'v1'), { recursive: true });
    await expect.poll(() => statusOf(host), SLOW).toEqual({ one: 'up', two: 'up' });
    expect(host.readiness().configuration).toEqual({ generation: 2 });
  });
});

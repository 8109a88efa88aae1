import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@hostler/config';
import { createExchange } from '@hostler/host';
import { isHostlerError } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { createMemoryProvider } from '@hostler/secrets';
import type { MemoryProvider } from '@hostler/secrets';
import { descendants, temporaryDirectory } from '@hostler/test-kit';
import type { TemporaryDirectory } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime } from '../src/index.ts';
import type { Runtime } from '../src/index.ts';
import { digestOf, startKeyedHttpServer } from './support/keyed-http-server.ts';
import type { KeyedHttpServer } from './support/keyed-http-server.ts';

const OLD = 'first-key-7d41f0a2c9';
const NEW = 'second-key-c05e91b7d3';
const TOKEN = 'memory://token';
/** Many tests share the machine. */
const SLOW = { timeout: 30_000 };
const keyedServer = fileURLToPath(new URL('fixtures/keyed-server.mjs', import.meta.url));

let folder: TemporaryDirectory;
let remote: KeyedHttpServer;
let provider: MemoryProvider;
let runtime: Runtime;
let log: string[];

beforeEach(async () => {
  folder = await temporaryDirectory();
  remote = await startKeyedHttpServer();
  provider = createMemoryProvider({ token: { value: OLD, version: '1' } });
  log = [];
});
afterEach(async () => {
  await runtime.close();
  await remote.close();
  await folder[Symbol.asyncDispose]();
});

function local(secret: JsonObject, rest: JsonObject = {}): JsonObject {
  return { command: process.execPath, args: [keyedServer], env: { TOKEN: secret }, ...rest };
}

async function create(servers: JsonObject, secrets: JsonObject = {}): Promise<void> {
  const file = join(folder.path, 'hostler.json');
  await writeFile(file, JSON.stringify({ servers, secrets: { refresh: '1s', ...secrets }, log: { level: 'info' } }));
  const { plan } = await loadConfig(file);
  const logDestination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(...chunk.toString().trim().split('\n'));
      done();
    },
  });
  runtime = await createRuntime({ plan, environment: process.env, logDestination, providers: [provider] });
}

async function start(servers: JsonObject, secrets: JsonObject = {}): Promise<void> {
  await create(servers, secrets);
  await runtime.start();
}

/** The digest of the key that the server has. @throws what the host answers instead */
async function keyOf(server: string): Promise<unknown> {
  const { payload, kind } = await runtime.host.dispatch(
    createExchange({
      method: 'tools/call',
      params: { name: 'which', arguments: {} },
      scope: { kind: 'server', name: server },
      consumer: runtime.anonymous,
      signal: AbortSignal.timeout(30_000),
    }),
  );
  const value = payload.value() as { readonly content?: readonly { readonly text: string }[] };
  if (kind !== 'result' || value.content === undefined) throw new Error(JSON.stringify(value));
  return value.content[0]?.text;
}

interface Call {
  readonly server: string;
  readonly at: number;
  readonly key: unknown;
}

/** Calls each server a hundred times a second where the machine allows it, until it is told to stop. */
function callAllTheTime(servers: readonly string[]) {
  const calls: Call[] = [];
  const failures: unknown[] = [];
  const underWay = new Set<Promise<void>>();
  const callOnce = async (server: string): Promise<void> => {
    const at = performance.now();
    try {
      calls.push({ server, at, key: await keyOf(server) });
    } catch (error) {
      failures.push(error);
    }
  };
  const timer = setInterval(() => {
    // A server that is late is not to be drowned: that would be another failure.
    if (underWay.size >= 100) return;
    for (const server of servers) {
      const call = callOnce(server).finally(() => underWay.delete(call));
      underWay.add(call);
    }
  }, 10);
  return {
    calls,
    failures,
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

const states = () => Object.fromEntries(runtime.readiness().servers.map((state) => [state.name, state]));

describe('a rotation under a hundred calls a second', () => {
  it('reaches servers of stdio and HTTP within the interval, and fails no call', async () => {
    const headers = { authorization: { secret: TOKEN, format: 'Bearer {}' } };
    await start({ child: local({ secret: TOKEN }), remote: { url: remote.url, headers } });
    const servers = ['child', 'remote'];
    const processes = descendants(process.pid).length;
    const load = callAllTheTime(servers);
    await expect.poll(() => load.calls.length, SLOW).toBeGreaterThan(50);
    provider.set('token', { value: NEW, version: '2' });
    const changed = performance.now();
    const first = (server: string): Call | undefined =>
      load.calls.find((call) => call.server === server && call.key === digestOf(NEW));
    await expect.poll(() => servers.every((server) => first(server)), SLOW).toBe(true);
    const switched = performance.now();
    await expect.poll(() => load.calls.filter(({ at }) => at > switched).length, SLOW).toBeGreaterThan(100);
    await load.stop();

    expect(load.failures).toEqual([]);
    // The interval and then some; a child has to start, too. In calls, a hundred a second, which a busy machine slows as well.
    const callsUntil = (server: string): number =>
      load.calls.filter((call) => call.server === server && call.at > changed && call.key === digestOf(OLD)).length;
    expect(callsUntil('remote')).toBeLessThan(300);
    expect(callsUntil('child')).toBeLessThan(1_000);
    expect(new Set(load.calls.filter(({ at }) => at <= changed).map(({ key }) => key))).toEqual(
      new Set([digestOf(OLD)]),
    );
    expect(new Set(load.calls.filter(({ at }) => at > switched).map(({ key }) => key))).toEqual(
      new Set([digestOf(NEW)]),
    );
    expect(runtime.secrets.list()).toMatchObject([
      { reference: TOKEN, version: '2', usedBy: ['servers.child.env.TOKEN', 'servers.remote.headers.authorization'] },
    ]);
    await expect.poll(() => runtime.secrets.rotations(), SLOW).toEqual({ renewed: 1, restarted: 1, kept: 0 });
    expect(runtime.redact(`${OLD} ${NEW}`)).toBe('[secret] [secret]');
    // The one before it has gone.
    await expect.poll(() => descendants(process.pid).length, SLOW).toBe(processes);
    expect(log.join('\n')).not.toMatch(new RegExp(`${OLD}|${NEW}`));
  });
});

describe('a server that does not come up with the changed secret', () => {
  it('runs on with the one it has, raises an alarm, and gets the next one', async () => {
    await start({ child: local({ secret: TOKEN }) });
    const load = callAllTheTime(['child']);
    provider.set('token', 'bad-key-99e1d0c4f2');
    await expect.poll(() => runtime.readiness().secrets.rotations, SLOW).toHaveLength(1);
    expect(runtime.readiness()).toMatchObject({ ready: true, secrets: { rotations: [{ server: 'child' }] } });
    expect(states()['child']?.status).toBe('up');
    expect(await keyOf('child')).toBe(digestOf(OLD));
    provider.set('token', NEW);
    await expect.poll(() => keyOf('child'), SLOW).toBe(digestOf(NEW));
    await expect.poll(() => runtime.readiness().secrets.rotations, SLOW).toEqual([]);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(log.filter((line) => line.includes('could not be given its changed secrets'))).toHaveLength(1);
    expect(log.join('\n')).not.toContain('99e1d0c4f2');
  });

  it('harms no reload or removal that comes in between', async () => {
    await start({ child: local({ secret: TOKEN }) });
    for (const value of ['bad-key-99e1d0c4f2', NEW]) {
      provider.set('token', value);
      const rotating = runtime.secrets.rotate({}, AbortSignal.timeout(30_000));
      await Promise.all([rotating, runtime.reload()]);
      expect(runtime.readiness().servers).toHaveLength(1);
      expect(states()['child']?.status).toBe('up');
    }
    expect(await keyOf('child')).toBe(digestOf(NEW));
    provider.set('token', OLD);
    const rotating = runtime.secrets.rotate({}, AbortSignal.timeout(30_000));
    await runtime.servers.remove('child');
    await rotating;
    expect(runtime.readiness()).toMatchObject({ servers: [], secrets: { rotations: [], failing: [], stale: [] } });
    expect(runtime.secrets.list()).toEqual([]);
  });
});

describe('a host that stops during a rotation', () => {
  it('stops, with no process left', async () => {
    // Of what another test has stopped something may still be ending.
    const before = new Set(descendants(process.pid));
    await start({ child: local({ secret: TOKEN }) });
    provider.set('token', NEW);
    const rotating = runtime.secrets.rotate({}, AbortSignal.timeout(30_000)).catch((error: unknown) => error);
    await expect.poll(() => runtime.secrets.list()[0]?.version, SLOW).toBeUndefined();
    await runtime.close();
    await rotating;
    expect(descendants(process.pid).filter((pid) => !before.has(pid))).toEqual([]);
    expect(log.filter((line) => line.includes('could not be given'))).toEqual([]);
  });
});

describe('a backend of secrets that is down', () => {
  it('after the start changes nothing for servers that run, and is told until it is back', async () => {
    await start({ child: local({ secret: TOKEN }, { required: true }) });
    provider.fail('token', 'UNAVAILABLE');
    await expect.poll(() => runtime.readiness().secrets.failing, SLOW).toEqual([TOKEN]);
    await expect.poll(() => runtime.readiness().secrets.stale, SLOW).toEqual([TOKEN]);
    expect(runtime.readiness()).toMatchObject({ ready: true, secrets: { rotations: [] } });
    expect(runtime.secrets.list()).toMatchObject([{ reference: TOKEN, stale: true, code: 'SECRET_UNAVAILABLE' }]);
    expect(await keyOf('child')).toBe(digestOf(OLD));
    expect(log.filter((line) => line.includes('secrets cannot be read again'))).toHaveLength(1);
    provider.set('token', { value: OLD, version: '1' });
    await expect.poll(() => runtime.readiness().secrets, SLOW).toMatchObject({ stale: [], failing: [] });
    expect(runtime.secrets.rotations()).toEqual({ renewed: 0, restarted: 0, kept: 0 });
  });

  it('serves its last value no longer than it may: then nothing is started with it, and what runs goes on', async () => {
    await start({ child: local({ secret: TOKEN }) }, { maxStale: '0s' });
    provider.fail('token', 'UNAVAILABLE');
    const [row] = await expect
      .poll(() => runtime.secrets.check(AbortSignal.timeout(10_000)), { ...SLOW, interval: 500 })
      .toMatchObject([{ code: 'SECRET_UNAVAILABLE', stale: false }])
      .then(() => runtime.secrets.list());
    expect(row?.problem).toContain(TOKEN);
    expect(await keyOf('child')).toBe(digestOf(OLD));
    await expect(runtime.servers.restart('child')).rejects.toMatchObject({ code: 'SERVER_NOT_REPLACED' });
    expect(await keyOf('child')).toBe(digestOf(OLD));
  });

  it('at the start blocks servers that need it; others start, without it where it is optional', async () => {
    provider.fail('token', 'UNAVAILABLE');
    await start({
      needs: local({ secret: TOKEN }),
      may: local({ secret: TOKEN, optional: true }),
      other: local({ secret: 'env://PATH' }),
    });
    // At the moment of its next try it is not blocked but starting.
    await expect.poll(states, SLOW).toMatchObject({
      needs: { status: 'blocked', problemCode: 'SECRET_UNAVAILABLE' },
      may: { status: 'up', missing: [{ place: 'env.TOKEN', reference: TOKEN, code: 'SECRET_UNAVAILABLE' }] },
      other: { status: 'up' },
    });
    expect(await keyOf('may')).toBe(digestOf('none'));
    const refusal: unknown = await keyOf('needs').catch((error: unknown) => error);
    expect(isHostlerError(refusal) && [refusal.code, refusal.kind.rpc]).toEqual(['SECRET_UNAVAILABLE', -32_017]);
    expect(runtime.readiness()).toMatchObject({ ready: true, secrets: { failing: [TOKEN] } });

    provider.set('token', OLD);
    for (const server of ['needs', 'may']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await expect.poll(() => keyOf(server).catch(() => ''), SLOW).toBe(digestOf(OLD));
    }
    expect(states()['may']?.missing).toBeUndefined();
    expect(runtime.readiness().secrets.failing).toEqual([]);
  });
});

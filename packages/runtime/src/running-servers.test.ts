import { toPlan } from '@hostler/config';
import type { ConfigFile, HostPlan } from '@hostler/config';
import { describe, expect, it } from 'vitest';
import { createFakePool } from '../test/support/fake-pool.ts';
import { createConfiguration } from './configuration.ts';
import type { ConfigurationOptions } from './configuration.ts';
import { createServers } from './create-servers.ts';
import { createRunningServers } from './running-servers.ts';

const SOURCE = '/etc/hostler/hostler.yaml';
const plan = (servers: ConfigFile['servers'], rest: Partial<ConfigFile> = {}): HostPlan =>
  toPlan({ servers, ...rest }, { source: SOURCE });
const ONE = { command: 'x' };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

function setup(first: HostPlan, options: Partial<ConfigurationOptions> = {}) {
  const pool = createFakePool(first.servers);
  const closing = new AbortController();
  const running = createRunningServers({ pool, plan: first, mounted: [], closing: closing.signal });
  const seen: HostPlan[] = [];
  const configuration = createConfiguration({
    plan: first,
    servers: running,
    log: silent,
    load: () => Promise.reject(new Error('no file')),
    prepare: (next) => () => seen.push(next),
    ...options,
  });
  const servers = createServers({
    pool,
    running,
    log: silent,
    closing: closing.signal,
    test: () => Promise.reject(new Error('not asked')),
    save: () => Promise.reject(new Error('not asked')),
  });
  const names = (): string[] => pool.states().map(({ name }) => name);
  return { pool, running, configuration, servers, seen, names, closing };
}

describe('a plan that is applied', () => {
  it('touches only servers that differ, in the order of the new plan', async () => {
    const { pool, configuration, names, seen } = setup(plan({ a: ONE, b: ONE, c: ONE }));
    const next = plan({ n: ONE, c: ONE, b: { command: 'y' } }, { log: { level: 'debug' }, listen: { port: 1 } });
    expect(await configuration.apply(next)).toEqual({
      generation: 2,
      added: ['n'],
      changed: ['b'],
      removed: ['a'],
      unchanged: ['c'],
      applied: ['log.level'],
      restart: ['listen.port'],
      failed: [],
    });
    expect(pool.done.filter((what) => !what.startsWith('gone'))).toEqual(['remove a', 'add n', 'replace b']);
    expect(names()).toEqual(['n', 'c', 'b']);
    expect(seen).toEqual([next]);
    expect(configuration.state()).toEqual({ generation: 2 });
  });

  it('names what needs a restart until there is one', async () => {
    const { configuration } = setup(plan({ a: ONE }));
    const moved = plan({ a: ONE }, { listen: { port: 1 } });
    expect((await configuration.apply(moved)).restart).toEqual(['listen.port']);
    expect((await configuration.apply(moved)).restart).toEqual(['listen.port']);
    expect((await configuration.apply(plan({ a: ONE }))).restart).toEqual([]);
  });

  it('is in force before what it replaced is gone', async () => {
    const { pool, configuration, names } = setup(plan({ a: ONE, b: ONE }));
    const held = Promise.withResolvers<void>();
    pool.draining = held.promise;
    await configuration.apply(plan({ a: { command: 'y' } }));
    expect(names()).toEqual(['a']);
    expect(pool.done.filter((what) => what.startsWith('gone'))).toEqual([]);
    held.resolve();
  });

  it('waits for its turn: two at once leave no mixture, and the last one wins', async () => {
    const { pool, configuration, running } = setup(plan({ a: ONE, b: ONE }));
    const held = Promise.withResolvers<void>();
    pool.hold = held.promise;
    const second = plan({ a: { command: '2' }, b: { command: '2' } });
    const third = plan({ a: { command: '3' }, c: { command: '3' } });
    const both = [configuration.apply(second), configuration.apply(third)];
    held.resolve();
    expect((await Promise.all(both)).map(({ generation }) => generation)).toEqual([2, 3]);
    expect(pool.states().map(({ name }) => pool.spec(name))).toEqual(third.servers);
    expect(running.plan()).toBe(third);
  });

  it('says which server did not come up, keeps the old one, and tries again with the next plan', async () => {
    const { pool, configuration } = setup(plan({ a: ONE, b: ONE }));
    pool.broken.add('a').add('n');
    const next = plan({ a: { command: 'y' }, b: ONE, n: ONE });
    const { failed } = await configuration.apply(next);
    expect(failed.map(({ name, kept }) => [name, kept])).toEqual([
      ['a', true],
      ['n', false],
    ]);
    expect(pool.spec('a')).toMatchObject({ transport: { command: 'x' } });
    pool.broken.clear();
    expect((await configuration.apply(next)).changed).toEqual(['a']);
    expect(pool.spec('a')).toMatchObject({ transport: { command: 'y' } });
  });

  it('is refused when the host stops', async () => {
    const { configuration, closing } = setup(plan({ a: ONE }));
    closing.abort();
    await expect(configuration.apply(plan({}))).rejects.toMatchObject({ code: 'SERVER_CLOSING' });
  });
});

describe('a reload', () => {
  it('that fails changes nothing and is told until one succeeds', async () => {
    const good = plan({ a: ONE });
    const loads = [() => Promise.reject(new Error('broken')), () => Promise.resolve(good)];
    const { configuration, running } = setup(good, { load: () => loads.shift()?.() ?? Promise.reject(new Error()) });
    await expect(configuration.reload()).rejects.toThrow('broken');
    expect(configuration.state()).toEqual({ generation: 1, problem: 'The configuration file cannot be read.' });
    expect(running.plan()).toBe(good);
    await configuration.reload();
    expect(configuration.state()).toEqual({ generation: 2 });
  });

  it('that is asked for while one reads is another one; those that wait are one', async () => {
    const first = Promise.withResolvers<HostPlan>();
    let loads = 0;
    const load = (): Promise<HostPlan> => {
      loads += 1;
      return loads === 1 ? first.promise : Promise.resolve(plan({ later: ONE }));
    };
    const { configuration, names } = setup(plan({ a: ONE }), { load });
    const early = configuration.reload();
    await expect.poll(() => loads).toBe(1);
    const late = [configuration.reload(), configuration.reload(), configuration.reload()];
    first.resolve(plan({ earlier: ONE }));
    await Promise.all([early, ...late]);
    expect(loads).toBe(2);
    expect(names()).toEqual(['later']);
  });
});

describe('the servers of a running host', () => {
  it('are added, changed, disabled, enabled and removed, beside the file', async () => {
    const { servers, names, pool } = setup(plan({ a: ONE, b: ONE }));
    expect(await servers.add('n', { command: 'z', env: { T: 'secret', R: { secret: 'env://R' } } })).toMatchObject({
      name: 'n',
      origin: 'runtime',
      disabled: false,
      state: { status: 'up' },
      settings: { command: 'z', env: { T: '[set]', R: { secret: 'env://R' } } },
    });
    await servers.update('a', { command: 'y' });
    await servers.disable('b');
    expect(names()).toEqual(['a', 'n']);
    expect(servers.drift()).toEqual({ added: ['n'], changed: ['a'], removed: [], disabled: ['b'], enabled: [] });
    expect(servers.get('b')).toEqual({
      name: 'b',
      origin: 'file',
      disabled: true,
      settings: { ...ONE, disabled: true },
    });
    await servers.enable('b');
    await servers.update('a', ONE);
    await servers.remove('n');
    expect(names()).toEqual(['a', 'b']);
    expect(Object.values(servers.drift()).flat()).toEqual([]);
    await servers.remove('a');
    expect(servers.drift().removed).toEqual(['a']);
    expect(pool.done.at(-1)).toBe('gone a');
    await servers.add('a', ONE);
    expect(Object.values(servers.drift()).flat()).toEqual([]);
  });

  it('can be enabled when the file has them disabled', async () => {
    const { servers, names } = setup(plan({ a: { ...ONE, disabled: true } }));
    expect(servers.list()).toEqual([
      { name: 'a', origin: 'file', disabled: true, settings: { ...ONE, disabled: true } },
    ]);
    await servers.enable('a');
    expect(names()).toEqual(['a']);
    expect(servers.drift().enabled).toEqual(['a']);
  });

  it('that are not there cannot be removed, which is no failure', async () => {
    const { servers } = setup(plan({ a: ONE }));
    expect(await servers.remove('n')).toBe(false);
    expect(await servers.remove('a')).toBe(true);
    expect(await servers.remove('a')).toBe(false);
  });

  it('are shown as copies', () => {
    const { servers } = setup(plan({ a: ONE }));
    Object.assign(servers.get('a').settings ?? {}, { command: 'other' });
    expect(servers.get('a').settings).toEqual(ONE);
  });

  it('restart without a change', async () => {
    const { servers, pool } = setup(plan({ a: ONE }));
    await servers.restart('a');
    expect(pool.done).toContain('replace a');
    expect(Object.values(servers.drift()).flat()).toEqual([]);
  });

  it.each<[string, (servers: ReturnType<typeof setup>['servers']) => unknown]>([
    ['SERVER_EXISTS', (servers) => servers.add('a', ONE)],
    ['SERVER_EXISTS', (servers) => servers.add('g', ONE)],
    ['SERVER_INVALID', (servers) => servers.add('n', { comand: 'x' })],
    ['SERVER_INVALID', (servers) => servers.add('n__n', ONE)],
    ['SERVER_NOT_FOUND', (servers) => servers.update('n', ONE)],
    ['SERVER_NOT_FOUND', (servers) => servers.restart('n')],
    ['SERVER_DISABLED', (servers) => servers.disable('a').then(() => servers.restart('a'))],
    ['SERVER_INVALID', (servers) => servers.test({}, AbortSignal.abort())],
  ])('%s: what cannot be done is refused and changes nothing else', async (code, change) => {
    const { servers } = setup(plan({ a: ONE }, { groups: { g: { servers: ['a'] } } }));
    await expect(change(servers)).rejects.toMatchObject({ code });
    expect(servers.list().map(({ name }) => name)).toEqual(['a']);
  });

  it('stay as they are when their new form does not come up', async () => {
    const { servers, pool } = setup(plan({ a: ONE }));
    pool.broken.add('a');
    await expect(servers.update('a', { command: 'y' })).rejects.toMatchObject({ code: 'SERVER_NOT_REPLACED' });
    expect(Object.values(servers.drift()).flat()).toEqual([]);
    expect(pool.spec('a')).toMatchObject({ transport: { command: 'x' } });
  });

  it('are changed in turn with the file: a change that waits for a reload works on what that left', async () => {
    const { pool, servers, running, names } = setup(plan({ a: ONE }));
    const held = Promise.withResolvers<void>();
    pool.hold = held.promise;
    const applied = running.follow(plan({ a: { command: 'file' } }), () => undefined);
    const added = servers.add('n', ONE);
    const removed = servers.remove('a');
    held.resolve();
    await Promise.all([applied, added, removed]);
    expect(pool.done.filter((what) => !what.startsWith('gone'))).toEqual(['replace a', 'add n', 'remove a']);
    expect(names()).toEqual(['n']);
  });

  it('keep a change over a reload that says nothing new of them, and give way to one that does', async () => {
    const { servers, configuration, names } = setup(plan({ a: ONE, b: ONE }));
    await servers.add('n', ONE);
    await servers.update('a', { command: 'mine' });
    await servers.disable('b');
    await configuration.apply(plan({ a: ONE, b: { command: 'file' }, c: ONE }));
    expect(names()).toEqual(['a', 'b', 'c', 'n']);
    expect(servers.drift()).toMatchObject({ added: ['n'], changed: ['a'], disabled: [] });
    expect(servers.get('a').settings).toEqual({ command: 'mine' });
  });
});

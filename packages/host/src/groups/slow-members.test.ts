import type { Client, Exchange, GroupSpec, JsonObject } from '@hostler/kernel';
import { createSelection } from '@hostler/router';
import type { Pool, PoolEvent } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { FakeConnection, FakePool } from '../../test/support/fake-pool.ts';
import { createHost } from '../create-host.ts';
import { createExchange } from '../exchange.ts';
import { defaultListLimits } from '../fetch-lists.ts';
import { createLogLevels } from '../log-levels.ts';
import { ServerLimits } from '../limits/server-limits.ts';
import { withGroups } from './with-groups.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const clock = { now: () => 0, after: () => () => undefined };
const signal = new AbortController().signal;
const client: Client = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} };
const consumer = { name: 'test' };
const groups: GroupSpec[] = [
  { name: 'both', strategy: 'priority', members: ['one', 'two'].map((server) => ({ server, weight: 1 })) },
];

function member(by: string): FakeConnection {
  return new FakeConnection({ tools: {}, resources: {} }, (method) => {
    if (method === 'tools/list') return { tools: [{ name: 'query' }] };
    if (method === 'resources/list') return { resources: [{ uri: 'own://shared' }] };
    if (method === 'resources/templates/list') return { resourceTemplates: [] };
    return { content: [], by };
  });
}

function ask(method: string, params: JsonObject = {}): Exchange {
  return createExchange({ method, params, scope: { kind: 'server', name: 'both' }, consumer, signal, client });
}

describe('a group with a member that takes its time', () => {
  function setUp() {
    const members = { one: member('one'), two: member('two') };
    const pool = new FakePool(members);
    const host = createHost({ pool, log, clock, groups });
    const call = async (name = 'query'): Promise<unknown> => {
      const { payload } = await host.dispatch(ask('tools/call', { name }));
      return (payload.value() as JsonObject)['by'];
    };
    return { ...members, pool, host, call };
  }

  it('calls another while it starts anew', async () => {
    const { host, pool, call } = setUp();
    await host.dispatch(ask('tools/list'));
    pool.begins('two');
    expect(await call()).toBe('one');
  });

  it('calls another while it was never up', async () => {
    const { pool, call } = setUp();
    pool.begins('one');
    expect(await call()).toBe('two');
  });

  it('calls another while its lists are being read', async () => {
    const { host, pool, two, call } = setUp();
    await host.dispatch(ask('tools/list'));
    two.answer = () => new Promise(() => {});
    pool.listChanged('two');
    expect(await call()).toBe('one');
  });

  it('waits for it when nobody else has what is wanted', async () => {
    const { pool, two, call } = setUp();
    two.answer = (method) => (method === 'tools/list' ? { tools: [{ name: 'rare' }] } : { content: [], by: 'two' });
    pool.begins('two');
    const calling = call('rare');
    pool.comesUp('two');
    expect(await calling).toBe('two');
    await expect(call('nothing')).rejects.toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });

  it('waits for the one that asked, when its question is answered', async () => {
    const { host, pool } = setUp();
    pool.begins('two');
    const answer = { name: 'query', inputResponses: {}, requestState: 'two\nstate' };
    const calling = host.dispatch(ask('tools/call', answer));
    pool.comesUp('two');
    expect((await calling).payload.value()).toMatchObject({ by: 'two' });
  });

  it('offers nothing of a member that was removed', async () => {
    const { host, pool } = setUp();
    await host.dispatch(ask('tools/list'));
    await pool.remove('one');
    await pool.remove('two');
    await expect(host.dispatch(ask('tools/call', { name: 'query' }))).rejects.toMatchObject({
      code: 'ROUTE_NOT_FOUND',
    });
  });
});

describe('a resource of a group', () => {
  const user = { consumer, client };

  function setUp() {
    const pool = new FakePool({ one: member('one'), two: member('two') });
    const asked: string[] = [];
    const subscribe = (server: string): ReturnType<Pool['subscribe']> => {
      asked.push(server);
      if (pool.down.has(server)) return Promise.reject(new Error('down'));
      return Promise.resolve({ accepted: true, source: 'session 1', release: () => {} });
    };
    pool.subscribe = subscribe as never;
    const selection = createSelection({ random: () => 0 });
    const logLevels = createLogLevels();
    const grouped = withGroups(pool, {
      groups,
      selection,
      logLevels,
      serverLimits: new ServerLimits(pool, { clock }),
      clock,
      log,
      limits: defaultListLimits,
    });
    return { pool, grouped, asked };
  }

  it('is watched at a member that is well', async () => {
    const { pool, grouped, asked } = setUp();
    await grouped.subscribe('both', 'own://shared', user, () => {});
    pool.goesDown('one');
    expect(await grouped.subscribe('both', 'own://shared', user, () => {})).toMatchObject({ accepted: true });
    expect(asked).toEqual(['one', 'two']);
  });

  it('is told of over the connection that it is held on, and no other', async () => {
    const { pool, grouped } = setUp();
    const { source } = await grouped.subscribe('both', 'own://shared', user, () => {});
    const told: string[] = [];
    grouped.onEvent((event: PoolEvent) => {
      if (event.kind === 'notification' && event.server === 'both') told.push(event.source);
    });
    const notification = { method: 'notifications/resources/updated', params: { uri: 'own://shared' } };
    for (const [server, over] of [
      ['one', 'session 1'],
      ['one', 'session 2'],
      ['two', 'session 1'],
    ] as const) {
      pool.emit({ kind: 'notification', server, source: over, notification });
    }
    expect(told.map((one) => one === source)).toEqual([true, false, false]);
    pool.listChanged('two');
    expect(told.at(-1)).toBe(grouped.source('both', user));
  });
});

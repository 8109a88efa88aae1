import type { Client, Exchange, GroupSpec, JsonObject } from '@hostler/kernel';
import { upstreamErrors } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { FakeConnection, FakePool } from '../../test/support/fake-pool.ts';
import type { CatalogStore, KeptLists } from '../catalog-store.ts';
import { createHost } from '../create-host.ts';
import { createExchange } from '../exchange.ts';
import type { HostEvent } from '../host.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const still = { now: () => 0, after: () => () => undefined };
const signal = new AbortController().signal;
const legacyClient: Client = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} };

function member(name: string, tools: readonly JsonObject[]): FakeConnection {
  return new FakeConnection({ tools: {}, resources: {} }, (method, params) => {
    if (method === 'tools/list') return { tools };
    if (method === 'resources/list') return { resources: [{ uri: `own://${name}` }] };
    if (method === 'resources/templates/list') return { resourceTemplates: [] };
    if (method === 'tools/call') return { content: [], by: name, called: params['name'] as string };
    if (method === 'resources/read') return { contents: [{ uri: params['uri'] as string, text: name }] };
    return {};
  });
}

interface Setup {
  readonly strategy?: GroupSpec['strategy'];
  readonly annotations?: JsonObject;
}

function setUp({ strategy = 'priority', annotations = {} }: Setup = {}) {
  const brave = member('brave', [{ name: 'query', annotations }, { name: 'news' }]);
  const kagi = member('kagi', [{ name: 'query', annotations }, { name: 'summary' }]);
  const other = member('other', [{ name: 'query' }]);
  const pool = new FakePool({ brave, kagi, other });
  const groups: GroupSpec[] = [
    { name: 'search', strategy, members: ['brave', 'kagi'].map((server) => ({ server, weight: 1 })) },
  ];
  return { brave, kagi, other, pool, groups, host: createHost({ pool, log: silent, clock: still, groups }) };
}

function ask(method: string, params: JsonObject = {}, server?: string): Exchange {
  const scope = server === undefined ? ({ kind: 'all' } as const) : ({ kind: 'server', name: server } as const);
  return createExchange({ method, params, scope, consumer: { name: 'test' }, signal, client: legacyClient });
}

async function names(host: ReturnType<typeof setUp>['host'], server?: string): Promise<string[]> {
  const { payload } = await host.dispatch(ask('tools/list', {}, server));
  const { tools } = payload.value() as unknown as { tools: { name: string }[] };
  return tools.map(({ name }) => name);
}

function failing(mayHaveRun: boolean): () => never {
  return () => {
    throw upstreamErrors.UNAVAILABLE({ details: { server: 'brave', mayHaveRun } });
  };
}

describe('a group', () => {
  it('stands in the place of its members, which stay reachable under their own names', async () => {
    const { host } = setUp();
    expect(await names(host)).toEqual(['search__query', 'search__news', 'search__summary', 'other__query']);
    expect(await names(host, 'search')).toEqual(['query', 'news', 'summary']);
    expect(await names(host, 'kagi')).toEqual(['query', 'summary']);
    expect(host.servers().map(({ name }) => name)).toEqual(['brave', 'kagi', 'other']);
    const outcome = await host.dispatch(ask('tools/call', { name: 'summary' }, 'search'));
    expect(outcome.payload.value()).toMatchObject({ by: 'kagi', called: 'summary' });
  });

  it('gives a call to the member that its strategy names, among those that have the tool', async () => {
    const { host } = setUp({ strategy: 'round-robin' });
    const by = async (name: string): Promise<unknown> => {
      const { payload } = await host.dispatch(ask('tools/call', { name }));
      return (payload.value() as JsonObject)['by'];
    };
    expect([await by('search__query'), await by('search__query'), await by('search__query')]).toEqual([
      'brave',
      'kagi',
      'brave',
    ]);
    expect([await by('search__news'), await by('search__news')]).toEqual(['brave', 'brave']);
    await expect(host.dispatch(ask('tools/call', { name: 'search__nothing' }))).rejects.toMatchObject({
      code: 'ROUTE_NOT_FOUND',
    });
  });

  it('reads a resource at the member that has it', async () => {
    const { host } = setUp();
    const { payload } = await host.dispatch(ask('resources/read', { uri: 'own://kagi' }));
    expect(payload.value()).toEqual({ contents: [{ uri: 'own://kagi', text: 'kagi' }] });
  });

  it('goes to the next member when the first is down, and comes back to it', async () => {
    const { host, pool } = setUp();
    await names(host);
    pool.goesDown('brave');
    const call = () => host.dispatch(ask('tools/call', { name: 'search__query' }));
    expect((await call()).payload.value()).toMatchObject({ by: 'kagi' });
    expect(await names(host)).toContain('search__news');
    pool.comesUp('brave');
    expect((await call()).payload.value()).toMatchObject({ by: 'brave' });
  });

  it('has what a member brings that comes later', async () => {
    const { host, pool } = setUp();
    pool.goesDown('kagi');
    expect(await names(host)).not.toContain('search__summary');
    pool.comesUp('kagi');
    await expect.poll(() => names(host)).toContain('search__summary');
  });

  it('lists what absent members offered in an earlier run, and marks it', async () => {
    const { brave, kagi, pool, groups } = setUp();
    const kept = new Map<string, KeptLists>();
    const store: CatalogStore = {
      load: (spec) => Promise.resolve(kept.get(spec.name)),
      // As in a file: what has no settings of its own is not kept.
      save: (spec, lists) => Promise.resolve(void (spec.name !== 'search' && kept.set(spec.name, lists))),
    };
    const first = createHost({ pool, log: silent, clock: still, groups, store });
    await names(first);
    await first.close();
    const later = new FakePool({ brave, kagi });
    later.goesDown('brave');
    later.goesDown('kagi');
    const host = createHost({ pool: later, log: silent, clock: still, groups, store });
    const { payload } = await host.dispatch(ask('tools/list'));
    expect(payload.value()).toMatchObject({
      tools: ['query', 'news', 'summary'].map((name) => ({
        name: `search__${name}`,
        _meta: { 'hostler/stale': true },
      })),
    });
  });

  it('tries a call elsewhere when it surely did not run', async () => {
    const { host, brave, kagi } = setUp();
    await names(host);
    brave.answer = failing(false);
    const { payload } = await host.dispatch(ask('tools/call', { name: 'search__query' }));
    expect(payload.value()).toMatchObject({ by: 'kagi' });
    expect(kagi.methods().filter((method) => method === 'tools/call')).toHaveLength(1);
  });

  it('does not try a call twice that may have run', async () => {
    const { host, brave, kagi } = setUp();
    await names(host);
    brave.answer = failing(true);
    const calling = host.dispatch(ask('tools/call', { name: 'search__query' }));
    await expect(calling).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(kagi.methods()).not.toContain('tools/call');
  });

  it.each([{ readOnlyHint: true }, { idempotentHint: true }])(
    'tries a call that may have run elsewhere when its tool says %j',
    async (annotations) => {
      const { host, brave } = setUp({ annotations });
      await names(host);
      brave.answer = failing(true);
      const { payload } = await host.dispatch(ask('tools/call', { name: 'search__query' }));
      expect(payload.value()).toMatchObject({ by: 'kagi' });
    },
  );

  it('takes an answer that tells of an error as an answer', async () => {
    const { host, brave } = setUp();
    await names(host);
    brave.answer = () => undefined;
    expect(await host.dispatch(ask('tools/call', { name: 'search__query' }))).toMatchObject({ kind: 'error' });
  });

  it('gives the answer to a question to the member that asked', async () => {
    const asking = new FakeConnection(
      { tools: {} },
      (method, params) => {
        if (method === 'tools/list') return { tools: [{ name: 'query' }] };
        if (params['inputResponses'] === undefined) {
          return { resultType: 'input_required', inputRequests: {}, requestState: 'mine' };
        }
        return { resultType: 'complete', content: [], state: params['requestState'] as string };
      },
      'modern',
    );
    const calm = member('calm', [{ name: 'query' }]);
    const pool = new FakePool({ calm, asking });
    const members = ['calm', 'asking'].map((server) => ({ server, weight: 1 }));
    const groups: GroupSpec[] = [{ name: 'search', strategy: 'round-robin', members }];
    const host = createHost({ pool, log: silent, clock: still, groups });
    const client: Client = { era: 'modern', protocolVersion: '2026-07-28', capabilities: {} };
    const call = (params: JsonObject): Exchange => {
      const scope = { kind: 'all' } as const;
      return createExchange({ method: 'tools/call', params, scope, consumer: { name: 't' }, signal, client });
    };
    await host.dispatch(call({ name: 'search__query' }));
    const { payload } = await host.dispatch(call({ name: 'search__query' }));
    const { requestState } = payload.value() as { requestState: string };
    const answered = await host.dispatch(call({ name: 'search__query', inputResponses: {}, requestState }));
    expect(answered.payload.value()).toMatchObject({ resultType: 'complete', state: 'mine' });
  });

  it('tells once of a change at a member, as its own', async () => {
    const { host, pool, brave } = setUp();
    await names(host);
    const events: HostEvent[] = [];
    const told = Promise.withResolvers<void>();
    host.onEvent((event) => {
      events.push(event);
      if (event.server === 'search' && event.scope === 'all') told.resolve();
    });
    brave.answer = (method) =>
      method === 'tools/list' ? { tools: [{ name: 'fresh' }] } : { resources: [{ uri: 'own://brave' }] };
    pool.listChanged('brave');
    await told.promise;
    const toAll = events.filter(({ scope }) => scope !== 'server').map((event) => [event.server, event.notification]);
    expect(toAll).toEqual([['search', { method: 'notifications/tools/list_changed' }]]);
    expect(await names(host)).toContain('search__fresh');
  });

  it('gives way to its members when it is taken away, and takes their place when it is made', async () => {
    const { host, groups } = setUp();
    await names(host);
    host.regroup([]);
    await expect.poll(() => names(host)).toContain('brave__query');
    expect(await names(host)).not.toContain('search__query');
    expect(host.has({ kind: 'server', name: 'search' }, { name: 'test' })).toBe(false);
    host.regroup(groups);
    await expect.poll(() => names(host)).toContain('search__query');
    expect(await names(host)).not.toContain('brave__query');
  });
});

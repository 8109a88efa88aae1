import type { Client, JsonObject, OfferSpec } from '@hostler/kernel';
import { hostAsClient } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { DrivenClock, settle } from '@hostler/test-kit';
import { FakeConnection, FakePool } from '../test/support/fake-pool.ts';
import type { CatalogStore, KeptLists } from './catalog-store.ts';
import { createHost } from './create-host.ts';
import { createExchange } from './exchange.ts';
import { defaultListLimits } from './fetch-lists.ts';
import type { HostEvent } from './host.ts';

const signal = new AbortController().signal;
const consumer = { name: 'test' };
const legacyClient: Client = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} };

/** A server with tools of these names, which a test may change. */
class ToolServer extends FakeConnection {
  names: readonly string[];
  /** What a page promises, for modern ones. */
  promise: JsonObject = {};

  constructor(names: readonly string[], era: 'legacy' | 'modern' = 'legacy') {
    super({ tools: { listChanged: true } }, (method, params) => this.#answer(method, params), era);
    this.names = names;
  }

  #answer(method: string, { name }: JsonObject): JsonObject | undefined {
    if (method === 'tools/list') return { tools: this.names.map((tool) => ({ name: tool })), ...this.promise };
    return method === 'tools/call' ? { content: [], called: name ?? null } : undefined;
  }
}

interface Setup {
  readonly store?: CatalogStore;
  readonly offers?: Record<string, OfferSpec>;
}

function setUp(servers: Record<string, FakeConnection>, { store, offers = {} }: Setup = {}) {
  const pool = new FakePool(servers);
  Object.assign(pool.offers, offers);
  const clock = new DrivenClock();
  const warnings: string[] = [];
  const log = { debug() {}, info() {}, error() {}, warn: (_: object, message: string) => void warnings.push(message) };
  const limits = { ...defaultListLimits, pages: 5, entries: 10, definitionBytes: 200, listBytes: 1_000 };
  const host = createHost({ pool, log, clock, limits, ...(store && { store }) });
  const events: HostEvent[] = [];
  host.onEvent((event) => void events.push(event));
  const told = (): string[] =>
    events.splice(0).map(({ server, notification: { method }, scope }) => `${server} ${method} ${scope ?? ''}`.trim());

  async function request(method: string, params: JsonObject = {}, client = legacyClient, server?: string) {
    const scope = server === undefined ? ({ kind: 'all' } as const) : ({ kind: 'server', name: server } as const);
    return host.dispatch(createExchange({ method, params, scope, consumer, signal, client }));
  }

  async function list(client = legacyClient, server?: string): Promise<string[]> {
    const { tools } = (await request('tools/list', {}, client, server)).payload.value() as unknown as {
      tools: { name: string; _meta?: JsonObject }[];
    };
    return tools.map(({ name, _meta }) => (_meta?.['hostler/stale'] === true ? `${name} (stale)` : name));
  }

  return { pool, clock, host, warnings, told, request, list };
}

describe('a list', () => {
  it('is the old one at once when a server changes its own, and clients are told when the new one is there', async () => {
    const a = new ToolServer(['one']);
    const { pool, list, told } = setUp({ a });
    await list();
    a.names = ['one', 'two'];
    pool.listChanged('a');
    expect([await list(), told()]).toEqual([['a__one'], ['a notifications/tools/list_changed server']]);
    await settle();
    expect([await list(), told()]).toEqual([['a__one', 'a__two'], ['a notifications/tools/list_changed all']]);
  });

  it('is read once for many announcements, and once more for one that came meanwhile', async () => {
    const a = new ToolServer(['one']);
    const { pool, list, told, clock } = setUp({ a });
    await list();
    const gate = Promise.withResolvers<JsonObject>();
    const { answer } = a;
    a.answer = () => gate.promise;
    for (let count = 0; count < 100; count++) {
      pool.listChanged('a');
      await settle();
    }
    a.answer = answer;
    a.names = ['two'];
    gate.resolve({ tools: [{ name: 'one' }] });
    await settle();
    expect(a.asked).toHaveLength(2);
    await clock.pass(250);
    expect([a.asked.length, await list()]).toEqual([3, ['a__two']]);
    expect(told().filter((event) => event.endsWith('all'))).toEqual(['a notifications/tools/list_changed all']);
  });

  it('waits for servers that are starting, but not for ever', async () => {
    const { pool, clock, list, told } = setUp({ a: new ToolServer(['one']), b: new ToolServer(['two']) });
    pool.begins('b');
    const first = list();
    await clock.pass(9_999);
    const second = list();
    await clock.pass(1);
    expect([await first, await second]).toEqual([['a__one'], ['a__one']]);
    expect(told()).toEqual([]);
    pool.comesUp('b');
    await settle();
    expect(await list()).toEqual(['a__one', 'b__two']);
    expect(told()).toContain('b notifications/tools/list_changed all');
  });

  it('goes on when a server that is starting fails', async () => {
    const { pool, list } = setUp({ a: new ToolServer(['one']), b: new ToolServer(['two']) });
    pool.begins('b');
    const first = list();
    await settle();
    pool.goesDown('b');
    expect(await first).toEqual(['a__one']);
  });

  it('keeps a server that went down, marked, until it has confirmed its list', async () => {
    const { pool, list, told, request } = setUp({ a: new ToolServer(['one']), b: new ToolServer(['two']) });
    await list();
    pool.goesDown('b');
    expect(await list()).toEqual(['a__one', 'b__two (stale)']);
    await expect(request('tools/call', { name: 'b__two' })).rejects.toThrow('down');
    pool.comesUp('b', new ToolServer(['two', 'three']));
    await settle();
    expect(await list()).toEqual(['a__one', 'b__two', 'b__three']);
    expect(told()).toContain('b notifications/tools/list_changed all');
  });

  it('says nothing of a server that came back as it was', async () => {
    const { pool, list, told } = setUp({ a: new ToolServer(['one']) });
    await list();
    pool.goesDown('a');
    pool.comesUp('a', new ToolServer(['one']));
    await settle();
    expect([await list(), told().filter((event) => event.endsWith('all'))]).toEqual([['a__one'], []]);
  });

  it('loses a server that was removed', async () => {
    const { pool, list, told } = setUp({ a: new ToolServer(['one']), b: new ToolServer(['two']) });
    await list();
    await pool.remove('b');
    await settle();
    expect(await list()).toEqual(['a__one']);
    expect(told()).toContain('b notifications/tools/list_changed all');
  });

  it('keeps what it had of a kind that cannot be read', async () => {
    const a = new ToolServer(['one']);
    const { pool, list } = setUp({ a });
    await list();
    a.answer = () => Promise.reject(new Error('broken'));
    pool.listChanged('a');
    await settle();
    expect(await list()).toEqual(['a__one']);
  });

  it('is read again after a minute when it is asked for, whether the server announces changes or not', async () => {
    const a = new ToolServer(['one']);
    const { clock, list, told } = setUp({ a });
    await list();
    a.names = ['two'];
    await clock.pass(59_999);
    await list();
    await settle();
    expect(await list()).toEqual(['a__one']);
    await clock.pass(1_001);
    expect(await list()).toEqual(['a__one']);
    await settle();
    expect([await list(), told()]).toEqual([['a__two'], ['a notifications/tools/list_changed all']]);
  });
});

describe('a request for something unknown', () => {
  it('waits for the lists that are being read', async () => {
    const a = new ToolServer(['one']);
    const { pool, list, request } = setUp({ a });
    await list();
    a.names = ['new'];
    pool.listChanged('a');
    const outcome = await request('tools/call', { name: 'a__new' });
    expect(outcome.payload.value()).toEqual({ content: [], called: 'new' });
  });

  it('is refused at once when nothing is being read', async () => {
    const { list, request } = setUp({ a: new ToolServer(['one']) });
    await list();
    await expect(request('tools/call', { name: 'a__new' })).rejects.toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });
});

describe('what lists promise', () => {
  const promised = async (servers: Record<string, ToolServer>, wait = 0) => {
    const { clock, request } = setUp(servers);
    await request('tools/list', {}, hostAsClient);
    await clock.pass(wait);
    const { ttlMs, cacheScope } = (await request('tools/list', {}, hostAsClient)).payload.value() as JsonObject;
    return [ttlMs, cacheScope];
  };
  const modern = (ttlMs: number, cacheScope: string): ToolServer => {
    const server = new ToolServer(['x'], 'modern');
    server.promise = { ttlMs, cacheScope };
    return server;
  };

  it('is the least of what the servers promise', async () => {
    expect(await promised({ a: modern(60_000, 'public'), b: modern(30_000, 'public') })).toEqual([30_000, 'public']);
    expect(await promised({ a: modern(60_000, 'public'), b: modern(30_000, 'private') })).toEqual([30_000, 'private']);
  });

  it('is nothing for a legacy server, and not spoilt by a server without such a list', async () => {
    expect(await promised({ a: modern(60_000, 'public'), b: new ToolServer(['y']) })).toEqual([0, 'private']);
    const without = new FakeConnection({ prompts: {} }, () => ({ prompts: [] })) as ToolServer;
    expect(await promised({ a: modern(60_000, 'public'), b: without })).toEqual([60_000, 'public']);
  });

  it('grows less with time, by whole seconds, and never promises too much', async () => {
    expect(await promised({ a: modern(60_000, 'public') }, 10_500)).toEqual([49_000, 'public']);
  });

  it('is read again when the promise is over', async () => {
    const a = modern(5_000, 'public');
    const { clock, request } = setUp({ a });
    await request('tools/list', {}, hostAsClient);
    await clock.pass(5_001);
    await request('tools/list', {}, hostAsClient);
    await settle();
    expect(a.asked).toHaveLength(2);
    const { ttlMs } = (await request('tools/list', {}, hostAsClient)).payload.value() as JsonObject;
    expect(ttlMs).toBe(5_000);
  });

  it('says nothing of it to legacy clients', async () => {
    const { request } = setUp({ a: modern(60_000, 'public') });
    expect((await request('tools/list')).payload.value()).toEqual({ tools: [{ name: 'a__x' }] });
  });
});

describe('lists from an earlier run', () => {
  class MemoryStore implements CatalogStore {
    readonly kept = new Map<string, KeptLists>();
    load({ name }: { readonly name: string }): Promise<KeptLists | undefined> {
      return Promise.resolve(this.kept.get(name));
    }
    save({ name }: { readonly name: string }, lists: KeptLists): Promise<void> {
      this.kept.set(name, lists);
      return Promise.resolve();
    }
  }

  async function storeOf(servers: Record<string, ToolServer>): Promise<MemoryStore> {
    const store = new MemoryStore();
    await setUp(servers, { store }).list();
    return store;
  }

  it('are served at once, in their place and marked, for a server that is slow or absent', async () => {
    const store = await storeOf({
      a: new ToolServer(['one']),
      b: new ToolServer(['two']),
      c: new ToolServer(['three']),
    });
    const { pool, list, told } = setUp(
      { a: new ToolServer([]), b: new ToolServer(['two', 'more']), c: new ToolServer(['three']) },
      { store },
    );
    pool.down.add('a');
    pool.begins('b');
    expect(await list()).toEqual(['a__one (stale)', 'b__two (stale)', 'c__three']);
    pool.comesUp('b');
    await settle();
    expect(await list()).toEqual(['a__one (stale)', 'b__two', 'b__more', 'c__three']);
    expect(told()).toContain('b notifications/tools/list_changed all');
  });

  it('give way to what a server says that is up already', async () => {
    const store = await storeOf({ a: new ToolServer(['one']) });
    const { list } = setUp({ a: new ToolServer(['new']) }, { store });
    expect(await list()).toEqual(['a__new']);
  });

  it('stand in for a server that is up and slow to answer', async () => {
    const store = await storeOf({ a: new ToolServer(['one']) });
    const slow = new ToolServer(['new']);
    const { answer } = slow;
    const gate = Promise.withResolvers<void>();
    slow.answer = (method, params) => gate.promise.then(() => answer(method, params));
    const { clock, list } = setUp({ a: slow }, { store });
    const first = list();
    await settle();
    await clock.pass(1_000);
    expect(await first).toEqual(['a__one (stale)']);
    gate.resolve();
    await settle();
    expect(await list()).toEqual(['a__new']);
  });
});

describe('the bounds on lists', () => {
  const conflictsOf = async (answer: FakeConnection['answer']) => {
    const { host, list, warnings, pool } = setUp({ a: new FakeConnection({ tools: {} }, answer) });
    const names = await list(hostAsClient);
    pool.listChanged('a');
    await settle();
    const found = await host.conflicts(hostAsClient);
    return { names, cut: found.map(({ problem, message }) => `${problem}: ${message}`), warnings };
  };
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `t${index}` }));

  it.each<[string, FakeConnection['answer'], number, string]>([
    [
      'pages',
      (_, { cursor }) => ({ tools: [{ name: `t${Number(cursor ?? 0)}` }], nextCursor: `${Number(cursor ?? 0) + 1}` }),
      5,
      'it has more than 5 pages',
    ],
    [
      'a circle of pages',
      (_, { cursor }) => ({ tools: [{ name: `t${JSON.stringify(cursor)}` }], nextCursor: cursor === 'a' ? 'b' : 'a' }),
      3,
      'its pages lead back to one that was read before',
    ],
    ['entries', () => ({ tools: numbered(11) }), 10, 'it has more than 10 entries'],
    [
      'one definition',
      () => ({ tools: [{ name: 'big', d: 'x'.repeat(200) }, { name: 'small' }] }),
      1,
      '1 of its definitions are longer than 200 bytes',
    ],
    [
      'bytes',
      () => ({ tools: numbered(9).map((tool) => ({ ...tool, d: 'x'.repeat(150) })) }),
      5,
      'it is longer than 1000 bytes',
    ],
    ['entries without a name', () => ({ tools: [{}, { name: 'a' }] }), 1, '1 of its entries are no valid definitions'],
  ])('hold for %s, and are reported once', async (_, answer, kept, reason) => {
    const { names, cut, warnings } = await conflictsOf(answer);
    expect(names).toHaveLength(kept);
    expect(cut).toEqual([`list-cut: The answer of a to tools/list was cut: ${reason}.`]);
    expect(warnings).toEqual(['a list of the server was cut']);
  });

  it('are not hit at their value', async () => {
    expect((await conflictsOf(() => ({ tools: numbered(10) }))).cut).toEqual([]);
    const five = (_: string, { cursor }: JsonObject) => {
      const page = Number(cursor ?? 0);
      return { tools: [{ name: `t${page}` }], ...(page < 4 && { nextCursor: `${page + 1}` }) };
    };
    expect((await conflictsOf(five)).cut).toEqual([]);
  });
});

describe('what the configuration says of a server', () => {
  const offers = {
    a: {
      exclude: ['tool:two'],
      tools: { one: { name: 'uno', arguments: { force: { pin: false }, depth: { default: 3 } } } },
    },
  };

  it('holds for lists and calls, under public names and under its own', async () => {
    const a = new ToolServer(['one', 'two', 'three']);
    const { list, request } = setUp({ a, b: new ToolServer(['two']) }, { offers });
    expect(await list()).toEqual(['a__uno', 'a__three', 'b__two']);
    expect(await list(legacyClient, 'a')).toEqual(['uno', 'three']);
    for (const [name, server] of [['a__uno'], ['uno', 'a']] as const) {
      const outcome = await request('tools/call', { name, arguments: { x: 1 } }, legacyClient, server);
      expect(outcome.payload.value()).toEqual({ content: [], called: 'one' });
      const sent = a.asked.at(-1)?.request.params;
      expect(sent).toEqual({ name: 'one', arguments: { depth: 3, x: 1, force: false } });
    }
    await request('tools/call', { name: 'a__uno' });
    expect(a.asked.at(-1)?.request.params['arguments']).toEqual({ depth: 3, force: false });
  });

  it.each([
    ['a__one', undefined],
    ['a__two', undefined],
    ['one', 'a'],
    ['two', 'a'],
    ['a__uno', 'a'],
  ])('makes %s unknown at %s', async (name, server) => {
    const { request } = setUp({ a: new ToolServer(['one', 'two']) }, { offers });
    await expect(request('tools/call', { name }, legacyClient, server)).rejects.toMatchObject({
      code: 'ROUTE_NOT_FOUND',
    });
  });

  it.each([['a__uno', undefined] as const, ['uno', 'a'] as const])(
    'refuses an argument of %s that clients do not have',
    async (name, server) => {
      const a = new ToolServer(['one']);
      const { request } = setUp({ a }, { offers });
      const call = request('tools/call', { name, arguments: { force: true } }, legacyClient, server);
      await expect(call).rejects.toMatchObject({ code: 'PROTOCOL_INVALID_PARAMS' });
      expect(a.methods()).not.toContain('tools/call');
    },
  );

  it('may change while the host runs, and clients are told', async () => {
    const { pool, list, told } = setUp({ a: new ToolServer(['one', 'two']) }, { offers });
    await list();
    pool.comesUp('a');
    told();
    pool.offers['a'] = { exclude: ['tool:one'] };
    pool.comesUp('a');
    await settle();
    expect([await list(), await list(legacyClient, 'a')]).toEqual([['a__two'], ['two']]);
    expect(told()).toContain('a notifications/tools/list_changed');
  });

  it('leaves a server of which it says nothing unlooked at', async () => {
    const a = new ToolServer(['one']);
    const { request } = setUp({ a });
    await request('tools/call', { name: 'whatever' }, legacyClient, 'a');
    expect(a.methods()).toEqual(['tools/call']);
  });
});

describe('resources whose URIs collide', () => {
  const resources = (text: string) =>
    new FakeConnection({ tools: {}, resources: {}, prompts: {}, completions: {} }, (method, params) => {
      if (method === 'resources/list') return { resources: [{ uri: 'doc:1', name: text }] };
      if (method === 'resources/templates/list') return { resourceTemplates: [{ uriTemplate: 'doc:{n}', name: text }] };
      if (method === 'resources/read')
        return {
          contents: [
            { uri: params['uri'] ?? null, text },
            { uri: 'doc:2', text },
          ],
        };
      if (method === 'tools/list') return { tools: [{ name: 'link' }] };
      if (method === 'prompts/list') return { prompts: [{ name: 'link' }] };
      if (method === 'completion/complete') return { completion: { values: [JSON.stringify(params['ref'])] } };
      const block = { type: 'resource_link', uri: 'doc:1', name: text };
      const unlisted = { type: 'resource', resource: { uri: 'other:1', text } };
      if (method === 'prompts/get') return { messages: [{ role: 'user', content: block }] };
      return { content: [block, unlisted], args: params['arguments'] ?? null };
    });
  const valueOf = async (outcome: Promise<{ payload: { value(): unknown } }>) => (await outcome).payload.value();

  it('are listed, read, linked to and completed under URIs that lead back to their server', async () => {
    const { request } = setUp({ a: resources('A'), b: resources('B') });
    expect(await valueOf(request('resources/list'))).toEqual({
      resources: [
        { uri: 'doc:1', name: 'A' },
        { uri: 'hostler://b/doc:1', name: 'B' },
      ],
    });
    expect(await valueOf(request('resources/templates/list'))).toMatchObject({
      resourceTemplates: [{ uriTemplate: 'doc:{n}' }, { uriTemplate: 'hostler://b/doc:{n}' }],
    });
    expect(await valueOf(request('resources/read', { uri: 'hostler://b/doc:1' }))).toEqual({
      contents: [
        { uri: 'hostler://b/doc:1', text: 'B' },
        { uri: 'hostler://b/doc:2', text: 'B' },
      ],
    });
    expect(await valueOf(request('resources/read', { uri: 'doc:7' }))).toEqual({
      contents: [
        { uri: 'doc:7', text: 'A' },
        { uri: 'doc:2', text: 'A' },
      ],
    });
    expect(await valueOf(request('prompts/get', { name: 'b__link' }))).toMatchObject({
      messages: [{ content: { uri: 'hostler://b/doc:1' } }],
    });
    const ref = { type: 'ref/resource', uri: 'hostler://b/doc:{n}' };
    const argument = { name: 'n', value: '' };
    expect(await valueOf(request('completion/complete', { ref, argument }))).toEqual({
      completion: { values: ['{"type":"ref/resource","uri":"doc:{n}"}'] },
    });
  });

  it('are linked to in tool results, the unlisted ones too, and come back in arguments', async () => {
    const { request } = setUp({ a: resources('A'), b: resources('B') });
    const args = { uri: 'hostler://b/doc:1', other: 'hostler://a/doc:1' };
    expect(await valueOf(request('tools/call', { name: 'b__link', arguments: args }))).toEqual({
      content: [
        { type: 'resource_link', uri: 'hostler://b/doc:1', name: 'B' },
        { type: 'resource', resource: { uri: 'hostler://b/other:1', text: 'B' } },
      ],
      args: { uri: 'doc:1', other: 'hostler://a/doc:1' },
    });
    expect(await valueOf(request('tools/call', { name: 'a__link' }))).toMatchObject({
      content: [{ uri: 'doc:1' }, { resource: { uri: 'hostler://a/other:1' } }],
    });
  });

  it('are named as conflicts', async () => {
    const { host } = setUp({ a: resources('A'), b: resources('B') });
    expect((await host.conflicts(hostAsClient)).map(({ problem, server, key }) => [problem, server, key])).toEqual([
      ['uri-shared', 'b', 'doc:1'],
      ['uri-shared', 'b', 'doc:{n}'],
    ]);
  });

  it('are left as they are where a server stands alone', async () => {
    const { request } = setUp({ a: resources('A'), b: resources('B') }, { offers: { b: { exclude: ['tool:x'] } } });
    for (const server of ['a', 'b']) {
      expect(await valueOf(request('tools/call', { name: 'link' }, legacyClient, server))).toMatchObject({
        content: [{ uri: 'doc:1' }, { resource: { uri: 'other:1' } }],
      });
    }
  });
});

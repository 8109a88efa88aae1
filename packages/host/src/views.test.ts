import type { Client, Consumer, GroupSpec, JsonObject, Notification, View, ViewSpec } from '@hostler/kernel';
import { createView, emptyView, fullView } from '@hostler/router';
import type { ConnectionUser } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { FakeConnection } from '../test/support/fake-pool.ts';
import { legacyClient, settled, SubscribablePool, update } from '../test/support/subscribable-pool.ts';
import { createHost } from './create-host.ts';
import { createExchange } from './exchange.ts';
import type { Host, HostEvent } from './host.ts';

const still = { now: () => 0, after: () => () => {} };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const consumer: Consumer = { name: 'me' };
const other: Consumer = { name: 'other' };
const plainClient: Client = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} };
const modernClient: Client = { era: 'modern', protocolVersion: '2026-07-28', capabilities: {} };

/** A server with tools and resources by name; `extra` answers what these do not. */
function serverOf(lists: { tools?: string[]; uris?: string[]; templates?: string[] }, capabilities: JsonObject = {}) {
  return new FakeConnection(
    { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, logging: {}, ...capabilities },
    (method, params) => {
      if (method === 'tools/list') return { tools: (lists.tools ?? []).map((name) => ({ name })) };
      if (method === 'resources/list') return { resources: (lists.uris ?? []).map((uri) => ({ uri, name: uri })) };
      if (method === 'resources/templates/list') {
        return { resourceTemplates: (lists.templates ?? []).map((uriTemplate) => ({ uriTemplate, name: 't' })) };
      }
      if (method === 'resources/read') return { contents: [{ uri: params['uri'] as string }] };
      if (method === 'tools/call' && params['task'] !== undefined) return { task: { taskId: 't1', status: 'working' } };
      if (method === 'tools/call') return { content: [{ type: 'resource_link', uri: 'mem://hidden', name: 'h' }] };
      if (method === 'tasks/list') return { tasks: [] };
      return {};
    },
  );
}

interface RigOptions {
  readonly servers: Record<string, FakeConnection>;
  readonly views?: Record<string, ViewSpec>;
  readonly groups?: readonly GroupSpec[];
}

/** Views by the name of the consumer, to be changed by the test. */
function rigOf({ servers, views: specs = {}, groups = [] }: RigOptions) {
  const pool = new SubscribablePool(servers);
  const views = new Map<string, View>();
  const setView = (name: string, spec: ViewSpec): void => void views.set(name, createView(spec));
  for (const [name, spec] of Object.entries(specs)) setView(name, spec);
  const viewOf = ({ name }: Consumer): View => views.get(name) ?? emptyView;
  const host = createHost({ pool, log: silent, clock: still, groups, viewOf });
  return { pool, host, setView };
}

interface Asked {
  readonly server?: string;
  readonly as?: Consumer;
  readonly client?: Client;
  readonly signal?: AbortSignal;
  readonly onNotification?: (notification: Notification) => void;
}

async function ask(host: Host, method: string, params: JsonObject = {}, asked: Asked = {}): Promise<JsonObject> {
  const { server, as = consumer, client = plainClient, signal = new AbortController().signal, onNotification } = asked;
  const scope = server === undefined ? ({ kind: 'all' } as const) : ({ kind: 'server', name: server } as const);
  const told = onNotification && { onNotification };
  const outcome = await host.dispatch(createExchange({ method, params, scope, consumer: as, client, signal, ...told }));
  return outcome.payload.value() as JsonObject;
}

const NOT_FOUND = { code: 'ROUTE_NOT_FOUND' };

describe('the URIs of resources', () => {
  const servers = () => ({
    first: serverOf({ tools: ['call'], uris: ['mem://a', 'mem://hidden'], templates: ['doc:///{path}'] }),
    second: serverOf({ uris: ['mem://a', 'doc:///x'], templates: ['doc:///{id}'] }),
  });

  it('are plain for the first server that the consumer sees', async () => {
    const { host } = rigOf({ servers: servers(), views: { me: { servers: ['second'] }, other: {} } });
    expect(await ask(host, 'resources/list')).toMatchObject({
      resources: [{ uri: 'mem://a' }, { uri: 'doc:///x' }],
    });
    expect(await ask(host, 'resources/templates/list')).toMatchObject({
      resourceTemplates: [{ uriTemplate: 'doc:///{id}' }],
    });
    expect(await ask(host, 'resources/list', {}, { as: other })).toMatchObject({
      resources: [
        { uri: 'mem://a' },
        { uri: 'mem://hidden' },
        { uri: 'hostler://second/mem://a' },
        { uri: 'hostler://second/doc:///x' },
      ],
    });
  });

  it('are not taken by a resource that is hidden', async () => {
    const all = servers();
    const { host } = rigOf({ servers: all, views: { me: { deny: ['resource:first/mem://**'] } } });
    await ask(host, 'resources/read', { uri: 'mem://a' });
    expect(all.second.methods()).toContain('resources/read');
    await expect(ask(host, 'resources/read', { uri: 'hostler://first/mem://a' })).rejects.toMatchObject(NOT_FOUND);
  });

  it('lead to what a view lets through of a template that it does not show', async () => {
    const all = servers();
    const { host } = rigOf({ servers: all, views: { me: { allow: ['resource:first/doc:///open/**'] } } });
    expect(await ask(host, 'resources/templates/list')).toEqual({ resourceTemplates: [] });
    expect(await ask(host, 'resources/read', { uri: 'doc:///open/1' })).toEqual({
      contents: [{ uri: 'doc:///open/1' }],
    });
    for (const uri of ['doc:///shut/1', 'doc:///open/../shut/1', 'hostler://first/doc:///shut/1']) {
      // oxlint-disable-next-line no-await-in-loop -- each by itself
      await expect(ask(host, 'resources/read', { uri })).rejects.toMatchObject(NOT_FOUND);
      // oxlint-disable-next-line no-await-in-loop -- each by itself
      await expect(ask(host, 'resources/read', { uri }, { server: 'first' })).rejects.toMatchObject(NOT_FOUND);
    }
    const read = all.first.asked.filter(({ request }) => request.method === 'resources/read');
    expect(read).toHaveLength(1);
  });

  it('stand in results whether they are seen or not; reading asks the view', async () => {
    const { host } = rigOf({ servers: servers(), views: { me: { allow: ['tool:first/*'] } } });
    expect(await ask(host, 'tools/call', { name: 'first__call' })).toMatchObject({
      content: [{ uri: 'hostler://first/mem://hidden' }],
    });
    for (const uri of ['hostler://first/mem://hidden', 'mem://hidden']) {
      // oxlint-disable-next-line no-await-in-loop -- each by itself
      await expect(ask(host, 'resources/read', { uri })).rejects.toMatchObject(NOT_FOUND);
    }
  });
});

it('goes by the names that the configuration gives', async () => {
  const { host, pool } = rigOf({
    servers: { git: serverOf({ tools: ['push', 'pull'] }) },
    views: { me: { allow: ['tool:git/upload'] }, other: { allow: ['tool:git/push'] } },
  });
  pool.offers['git'] = { tools: { push: { name: 'upload' } } };
  expect(await ask(host, 'tools/list')).toEqual({ tools: [{ name: 'git__upload' }] });
  expect(await ask(host, 'tools/list', {}, { server: 'git' })).toEqual({ tools: [{ name: 'upload' }] });
  await ask(host, 'tools/call', { name: 'upload' }, { server: 'git' });
  expect(await ask(host, 'tools/list', {}, { as: other })).toEqual({ tools: [] });
});

describe('a group', () => {
  const groups: readonly GroupSpec[] = [
    {
      name: 'pair',
      strategy: 'priority',
      members: [
        { server: 'one', weight: 1 },
        { server: 'two', weight: 1 },
      ],
    },
  ];
  const rig = (spec: ViewSpec) =>
    rigOf({
      servers: { one: serverOf({ tools: ['x', 'y'] }), two: serverOf({ tools: ['x'] }) },
      views: { me: spec, other: {} },
      groups,
    });

  it('is a server by its own name, and its members are none', async () => {
    const { host } = rig({ servers: ['pair', 'one'], deny: ['tool:pair/y'] });
    expect(await ask(host, 'tools/list')).toEqual({ tools: [{ name: 'pair__x' }] });
    await ask(host, 'tools/call', { name: 'pair__x' });
    for (const [name, server] of [
      ['y', 'pair'],
      ['y', 'one'],
      ['x', 'one'],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- each by itself
      await expect(ask(host, 'tools/call', { name }, { server })).rejects.toMatchObject(NOT_FOUND);
    }
    expect(host.has({ kind: 'server', name: 'one' }, consumer)).toBe(false);
    expect(host.has({ kind: 'server', name: 'one' }, other)).toBe(true);
  });

  it('is hidden like any server', async () => {
    const { host } = rig({ servers: ['one'] });
    expect(await ask(host, 'tools/list')).toEqual({ tools: [] });
    await expect(ask(host, 'tools/call', { name: 'x' }, { server: 'one' })).rejects.toMatchObject(NOT_FOUND);
  });
});

describe('what the host says of itself', () => {
  it('tells of the servers of a consumer alone', async () => {
    const chat = new FakeConnection({ tools: {}, prompts: {}, completions: {}, logging: {} }, () => ({}));
    Object.assign(chat.server, { instructions: 'a secret way' });
    const files = new FakeConnection({ tools: {} }, () => ({}));
    const { host } = rigOf({ servers: { chat, files }, views: { me: { servers: ['files'] }, other: {} } });
    expect(await host.describe({ kind: 'all' }, consumer, plainClient)).toMatchObject({
      capabilities: { tools: { listChanged: true } },
    });
    expect(await host.describe({ kind: 'all' }, consumer, plainClient)).not.toHaveProperty('instructions');
    expect(await host.describe({ kind: 'all' }, other, plainClient)).toMatchObject({
      capabilities: { prompts: {}, completions: {}, logging: {} },
      instructions: '# chat\n\na secret way',
    });
    await expect(host.describe({ kind: 'server', name: 'chat' }, consumer, plainClient)).rejects.toMatchObject(
      NOT_FOUND,
    );
    expect(host.servers().map(({ name }) => name)).toEqual(['chat', 'files']);
  });

  it('is for nobody else to keep where it is not for all', async () => {
    const open = new FakeConnection(
      { tools: {} },
      (method) =>
        method === 'tools/list'
          ? { resultType: 'complete', ttlMs: 9_000, cacheScope: 'public', tools: [{ name: 'x' }] }
          : { resultType: 'complete' },
      'modern',
    );
    const { host } = rigOf({
      servers: { open, more: new FakeConnection({}, () => ({ resultType: 'complete' }), 'modern') },
      views: { me: { servers: ['open'] }, other: {} },
    });
    Object.assign(open.server, { original: { ttlMs: 9_000, cacheScope: 'public' } });
    Object.assign(host.servers()[1]?.server ?? {}, { original: { ttlMs: 9_000, cacheScope: 'public' } });
    const known = { name: 'other', identity: { method: 'key' } };
    const scopes = await Promise.all(
      [consumer, known, other].map(async (as) => {
        const list = await ask(host, 'tools/list', {}, { client: modernClient, as });
        const { freshness } = await host.describe({ kind: 'all' }, as, modernClient);
        return [list['cacheScope'], freshness?.cacheScope];
      }),
    );
    expect(scopes).toEqual([
      ['private', 'private'],
      ['private', 'private'],
      ['public', 'public'],
    ]);
  });

  it('is the same bytes for all who see the same', async () => {
    const { host } = rigOf({
      servers: { one: serverOf({ tools: ['x', 'y'] }) },
      views: { me: { allow: ['tool:one/x'] } },
    });
    const list = async (id: string) => {
      const client: Client = { ...legacyClient(id).client, capabilities: { elicitation: {} } };
      const exchange = createExchange({
        method: 'tools/list',
        scope: { kind: 'all' },
        consumer,
        client,
        signal: new AbortController().signal,
      });
      return (await host.dispatch(exchange)).payload.bytes();
    };
    expect(await list('one')).toBe(await list('two'));
  });
});

describe('a server that is hidden', () => {
  it('is not told of levels, and lists no tasks', async () => {
    const tasks = { tasks: { list: {}, requests: { tools: { call: {} } } } };
    const [seen, hidden] = [serverOf({}, tasks), serverOf({}, tasks)];
    const { host } = rigOf({ servers: { hidden, seen }, views: { me: { servers: ['seen'] } } });
    await ask(host, 'logging/setLevel', { level: 'info' });
    await ask(host, 'tasks/list');
    expect(seen.methods()).toEqual(['logging/setLevel', 'tasks/list']);
    expect(hidden.methods()).toEqual([]);
    await expect(ask(host, 'tasks/list', { cursor: 'hidden' })).rejects.toMatchObject({
      code: 'PROTOCOL_INVALID_PARAMS',
    });
    for (const method of ['tasks/list', 'tools/list', 'resources/unsubscribe', 'logging/setLevel', 'tasks/get']) {
      // oxlint-disable-next-line no-await-in-loop -- each by itself
      await expect(ask(host, method, { uri: 'x', level: 'info' }, { server: 'hidden' })).rejects.toMatchObject(
        NOT_FOUND,
      );
    }
  });

  it('has no tasks any more for those who made them', async () => {
    const tasks = { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } };
    const servers = { one: serverOf({ tools: ['x'] }, tasks), two: serverOf({}, tasks) };
    const { host, setView } = rigOf({ servers, views: { me: {} } });
    const made = await ask(host, 'tools/call', { name: 'one__x', task: {} });
    const { taskId } = made['task'] as { taskId: string };
    await ask(host, 'tasks/get', { taskId });
    setView('me', { servers: ['two'] });
    const refusal = await ask(host, 'tasks/get', { taskId }).catch((error: unknown) => error);
    const unknown = await ask(host, 'tasks/get', { taskId: 'nothing' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'TASK_UNKNOWN' });
    expect(refusal).toEqual(unknown);
    expect(servers.one.methods().filter((method) => method === 'tasks/get')).toHaveLength(1);
  });
});

describe('what servers say', () => {
  it('reaches those who see them', async () => {
    const servers = { one: serverOf({}), two: serverOf({}) };
    const { host, pool } = rigOf({ servers, views: { me: { servers: ['one'] }, other: {} } });
    const events: HostEvent[] = [];
    host.onEvent((event) => void events.push(event));
    pool.listChanged('two');
    const reaches = (as: Consumer) => events.map((event) => event.reaches?.({ consumer: as, client: plainClient }));
    expect(reaches(other)).toContain(true);
    expect(reaches(consumer)).not.toContain(true);
    events.length = 0;
    await pool.remove('two');
    expect(events.some(({ isGone }) => isGone)).toBe(true);
    expect(reaches(consumer)).not.toContain(true);
    expect(reaches(other)).toContain(true);
  });

  it('reaches modern clients that listen only from servers they see', async () => {
    const servers = { one: serverOf({}), two: serverOf({}) };
    const { host, pool } = rigOf({ servers, views: { me: { servers: ['one'] }, other: {} } });
    const heard: string[] = [];
    const controller = new AbortController();
    const listens = [consumer, other].map((as) =>
      ask(
        host,
        'subscriptions/listen',
        { notifications: { toolsListChanged: true } },
        {
          as,
          client: modernClient,
          signal: controller.signal,
          onNotification: ({ method }) => void heard.push(`${as.name} ${method}`),
        },
      ).catch(() => 'stopped'),
    );
    await settled();
    heard.length = 0;
    pool.listChanged('two');
    expect(heard).toEqual(['other notifications/tools/list_changed']);
    controller.abort(new Error('stopped'));
    await Promise.all(listens);
  });

  it('is heard of a resource as long as it is seen', async () => {
    const uris = ['mem://a', 'mem://b'];
    const { host, pool, setView } = rigOf({ servers: { one: serverOf({ uris }) }, views: { me: {} } });
    const { client, told } = legacyClient('s');
    for (const uri of uris) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await ask(host, 'resources/subscribe', { uri }, { client });
    }
    setView('me', { deny: ['resource:one/mem://b'] });
    // Before the host is told: nothing is said that may not be heard.
    for (const uri of uris) pool.updated('one', uri);
    expect(told).toEqual([update('mem://a')]);
    expect(pool.uris()).toEqual(['one mem://a', 'one mem://b']);
    host.viewsChanged();
    expect(pool.uris()).toEqual(['one mem://a']);
    await expect(ask(host, 'resources/subscribe', { uri: 'mem://b' }, { client })).rejects.toMatchObject(NOT_FOUND);
    setView('me', {});
    await ask(host, 'resources/subscribe', { uri: 'mem://b' }, { client });
    expect(pool.uris()).toEqual(uris.map((uri) => `one ${uri}`));
  });

  it('is not taken up again for a client that wakes with another view', async () => {
    const { host, pool, setView } = rigOf({ servers: { one: serverOf({ uris: ['mem://a'] }) }, views: { me: {} } });
    const { client, told } = legacyClient('s');
    await ask(host, 'resources/subscribe', { uri: 'mem://a' }, { client });
    await host.restSession('s');
    setView('me', { servers: [] });
    host.wakeSession('s');
    await settled();
    expect([pool.uris(), told]).toEqual([[], []]);
  });

  it('ends for who listens to one server when it is hidden, also what the server answers itself', async () => {
    const modern = new FakeConnection({ tools: { listChanged: true } }, () => new Promise(() => {}), 'modern');
    const { host, setView } = rigOf({ servers: { one: serverOf({}), modern }, views: { me: {} } });
    const heard: string[] = [];
    const onNotification = ({ method, params }: Notification): void =>
      void heard.push(`${method} ${JSON.stringify(params?.['uri'])}`);
    const asked = { client: modernClient, onNotification };
    const ended = ask(
      host,
      'subscriptions/listen',
      { notifications: { toolsListChanged: true } },
      { ...asked, server: 'one' },
    );
    void ask(host, 'subscriptions/listen', { notifications: { extended: true } }, { ...asked, server: 'modern' });
    await settled();
    const passed = modern.asked.find(({ request }) => request.method === 'subscriptions/listen');
    passed?.notify(update('mem://a'));
    expect(heard).toContain('notifications/resources/updated "mem://a"');
    heard.length = 0;
    setView('me', { deny: ['resource:modern/mem://b'], servers: ['modern'] });
    host.viewsChanged();
    expect(await ended).toEqual({ resultType: 'complete' });
    passed?.notify(update('mem://b'));
    passed?.notify(update('mem://a'));
    setView('me', { servers: ['one'] });
    passed?.notify(update('mem://a'));
    passed?.notify({ method: 'notifications/tools/list_changed' });
    expect(heard).toEqual(['notifications/resources/updated "mem://a"']);
  });
});

it('is held for a modern client no longer than it is seen', async () => {
  const { host, pool, setView } = rigOf({
    servers: { one: serverOf({ uris: ['mem://a', 'mem://b'] }) },
    views: { me: {} },
  });
  const controller = new AbortController();
  const params = { notifications: { resourceSubscriptions: ['mem://a', 'mem://b'] } };
  const listen = ask(host, 'subscriptions/listen', params, { client: modernClient, signal: controller.signal });
  await settled();
  setView('me', { deny: ['resource:one/mem://b'] });
  host.viewsChanged();
  expect(pool.uris()).toEqual(['one mem://a']);
  controller.abort(new Error('stopped'));
  await expect(listen).rejects.toThrow('stopped');
});

it('a server is not heard, and gets no answer, over a connection of the session when it is hidden', async () => {
  class Watched extends SubscribablePool {
    session: Client['session'];

    override connection(name: string, user?: ConnectionUser) {
      this.session = user?.client.session;
      return super.connection(name);
    }
  }
  const pool = new Watched({ one: serverOf({ tools: ['x'] }) });
  let view: View = fullView;
  const host = createHost({ pool, log: silent, clock: still, viewOf: () => view });
  const { client, told } = legacyClient('s');
  await ask(host, 'tools/call', { name: 'x' }, { client, server: 'one' });
  const { signal } = new AbortController();
  pool.session?.notify({ method: 'notifications/message', params: { level: 'info' } });
  await expect(pool.session?.ask({ method: 'elicitation/create' }, signal)).rejects.toThrow('nobody asks');
  view = emptyView;
  pool.session?.notify({ method: 'notifications/message', params: { level: 'info' } });
  await expect(pool.session?.ask({ method: 'elicitation/create' }, signal)).rejects.toMatchObject({
    code: 'PROTOCOL_METHOD_NOT_FOUND',
  });
  expect(told).toHaveLength(1);
});

it('tasks are listened to on servers that are seen, as long as they are', async () => {
  const extensions = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
  const server = (): FakeConnection =>
    new FakeConnection(
      { tools: {}, ...extensions },
      (method) => {
        if (method === 'tools/list') return { resultType: 'complete', tools: [{ name: 'x' }] };
        if (method === 'tools/call') return { resultType: 'task', taskId: 't', status: 'working' };
        return new Promise(() => {});
      },
      'modern',
    );
  const servers = { one: server(), two: server() };
  const { host, setView } = rigOf({ servers, views: { me: {} } });
  const client: Client = { ...modernClient, capabilities: extensions };
  const ids = await Promise.all(
    ['one__x', 'two__x'].map(async (name) => (await ask(host, 'tools/call', { name }, { client }))['taskId'] as string),
  );
  setView('me', { servers: ['one'] });
  const heard: string[] = [];
  void ask(
    host,
    'subscriptions/listen',
    { notifications: { taskIds: ids } },
    {
      client,
      onNotification: ({ method }) => void heard.push(method),
    },
  );
  await settled();
  expect(servers.two.methods()).not.toContain('subscriptions/listen');
  const listen = servers.one.asked.find(({ request }) => request.method === 'subscriptions/listen');
  listen?.notify({ method: 'notifications/subscriptions/acknowledged', params: { notifications: { taskIds: ['t'] } } });
  await settled();
  listen?.notify({ method: 'notifications/tasks', params: { taskId: 't' } });
  setView('me', { servers: ['two'] });
  listen?.notify({ method: 'notifications/tasks', params: { taskId: 't' } });
  expect(heard).toEqual(['notifications/subscriptions/acknowledged', 'notifications/tasks']);
});

describe('when views change', () => {
  it('those who were given lists that are others now are told, and nobody else', async () => {
    const rig = rigOf({ servers: { one: serverOf({ tools: ['x'] }) }, views: { me: {}, other: {}, third: {} } });
    const { host, setView } = rig;
    const events: HostEvent[] = [];
    host.onEvent((event) => void events.push(event));
    for (const as of [consumer, other]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await ask(host, 'tools/list', {}, { as });
    }
    events.length = 0;
    host.viewsChanged();
    expect(events).toEqual([]);
    setView('me', { servers: [] });
    setView('third', { servers: [] });
    host.viewsChanged();
    const told = (as: Consumer) =>
      events
        .filter(({ reaches }) => reaches?.({ consumer: as, client: plainClient }) === true)
        .map(({ notification, scope }) => `${scope ?? ''} ${notification.method}`);
    expect(told(consumer)).toEqual([
      'all notifications/tools/list_changed',
      'all notifications/resources/list_changed',
    ]);
    expect(told(other)).toEqual([]);
    expect(told({ name: 'third' })).toEqual([]);
    expect(await ask(host, 'tools/list')).toEqual({ tools: [] });
    events.length = 0;
    host.viewsChanged();
    expect(events).toEqual([]);
  });

  it('a call goes by the view of its moment', async () => {
    const { host, setView } = rigOf({ servers: { one: serverOf({ tools: ['x'] }) }, views: { me: {} } });
    await ask(host, 'tools/call', { name: 'one__x' });
    setView('me', { deny: ['tool:one/x'] });
    await expect(ask(host, 'tools/call', { name: 'one__x' })).rejects.toMatchObject(NOT_FOUND);
    await expect(ask(host, 'tools/call', { name: 'x' }, { server: 'one' })).rejects.toMatchObject(NOT_FOUND);
  });
});

it('nobody sees more for many views', async () => {
  const tools = Array.from({ length: 200 }, (_, index) => `t${index}`);
  const views = Object.fromEntries(tools.map((name) => [name, { allow: [`tool:one/${name}`] }]));
  const { host } = rigOf({ servers: { one: serverOf({ tools }) }, views });
  for (let round = 0; round < 2; round++) {
    for (const name of tools) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await ask(host, 'tools/list', {}, { as: { name } })).toEqual({ tools: [{ name: `one__${name}` }] });
    }
  }
});

it('costs nothing where everything is seen: the pages are the same bytes', async () => {
  const pool = new SubscribablePool({ one: serverOf({ tools: ['x'] }) });
  const host = createHost({ pool, log: silent, clock: still, viewOf: () => fullView });
  const list = () =>
    host.dispatch(
      createExchange({
        method: 'tools/list',
        scope: { kind: 'all' },
        consumer,
        client: plainClient,
        signal: new AbortController().signal,
      }),
    );
  const [first, second] = [await list(), await list()];
  expect(first.payload.bytes()).toBe(second.payload.bytes());
});

import type { Client, Consumer, JsonObject, Notification, Scope, View, ViewSpec } from '@hostler/kernel';
import { createView, fullView, intersectViews } from '@hostler/router';
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
const plainClient: Client = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} };
const modernClient: Client = { era: 'modern', protocolVersion: '2026-07-28', capabilities: {} };
const ALL: Scope = { kind: 'all' };
const at = (bundle: string): Scope => ({ kind: 'all', bundle });

function serverOf(instructions: string, capabilities: JsonObject = {}): FakeConnection {
  const server = new FakeConnection(
    { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, ...capabilities },
    (method) => {
      if (method === 'tools/list') return { tools: ['x', 'y'].map((name) => ({ name })) };
      if (method === 'resources/list') return { resources: ['mem://a', 'mem://b'].map((uri) => ({ uri, name: uri })) };
      if (method === 'tools/call') return { task: { taskId: 't1', status: 'working' } };
      return method === 'tasks/list' ? { tasks: [{ taskId: 't1', status: 'working' }] } : {};
    },
  );
  Object.assign(server.server, { instructions });
  return server;
}

/** Remembers the session that a connection was last asked for. */
class Watched extends SubscribablePool {
  session: Client['session'];

  override connection(name: string, user?: ConnectionUser) {
    this.session = user?.client.session ?? this.session;
    return super.connection(name);
  }
}

/** A host of the servers `one` and `two`, with bundles to be changed by the test. */
function rigOf(
  specs: Record<string, ViewSpec & { title?: string; instructions?: string }>,
  capabilities: JsonObject = {},
) {
  const pool = new Watched({ one: serverOf('One.', capabilities), two: serverOf('Two.', capabilities) });
  const bundles = new Map(Object.entries(specs));
  let own: View = fullView;
  const host = createHost({
    pool,
    log: silent,
    clock: still,
    viewOf: () => own,
    bundleOf: (_, name) => {
      const spec = bundles.get(name);
      return spec && { ...spec, view: intersectViews(own, createView(spec)) };
    },
  });
  return { pool, host, bundles, setView: (spec: ViewSpec) => (own = createView(spec)) };
}

interface Asked {
  readonly scope?: Scope;
  readonly client?: Client;
  readonly signal?: AbortSignal;
  readonly onNotification?: (notification: Notification) => void;
}

async function ask(host: Host, method: string, params: JsonObject = {}, asked: Asked = {}): Promise<JsonObject> {
  const { scope = ALL, client = plainClient, signal = new AbortController().signal, onNotification } = asked;
  const told = onNotification && { onNotification };
  const outcome = await host.dispatch(createExchange({ method, params, scope, consumer, client, signal, ...told }));
  return outcome.payload.value() as JsonObject;
}

const NOT_FOUND = { code: 'ROUTE_NOT_FOUND' };

describe('a bundle', () => {
  it('describes itself in the place of its servers, of which it knows its own alone', async () => {
    const { host } = rigOf({ a: { servers: ['one'] }, b: { title: 'B', instructions: 'Mine.' } });
    const [a, b, all] = await Promise.all(
      [at('a'), at('b'), ALL].map((scope) => host.describe(scope, consumer, plainClient)),
    );
    expect(a?.instructions).toBe('# one\n\nOne.');
    expect(b).toMatchObject({ instructions: 'Mine.', info: { ...all?.info, title: 'B' } });
    expect([a?.info, all?.instructions]).toEqual([all?.info, '# one\n\nOne.\n\n# two\n\nTwo.']);
  });

  it('that is not there is refused whatever is asked, and reaches no server', async () => {
    const { host, pool } = rigOf({ a: {} });
    const methods = [
      'tools/list',
      'tools/call',
      'resources/subscribe',
      'tasks/list',
      'logging/setLevel',
      'completion/complete',
    ];
    for (const method of methods) {
      await expect(ask(host, method, { name: 'one__x' }, { scope: at('b') })).rejects.toMatchObject(NOT_FOUND);
    }
    await expect(
      ask(host, 'subscriptions/listen', { notifications: {} }, { scope: at('b'), client: modernClient }),
    ).rejects.toMatchObject(NOT_FOUND);
    await expect(host.describe(at('b'), consumer, plainClient)).rejects.toMatchObject(NOT_FOUND);
    expect([host.has(at('b'), consumer), host.has(at('a'), consumer), host.has(ALL, consumer)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(Object.values(pool.connections).flatMap((connection) => connection.methods())).toEqual([]);
  });

  it('never shows more than its consumer sees', async () => {
    const { host, setView } = rigOf({ a: { servers: ['one'] } });
    setView({ deny: ['tool:one/x'] });
    expect(await ask(host, 'tools/list', {}, { scope: at('a') })).toEqual({ tools: [{ name: 'one__y' }] });
    setView({ servers: ['two'] });
    expect(await ask(host, 'tools/list', {}, { scope: at('a') })).toEqual({ tools: [] });
  });
});

describe('what belongs to a bundle', () => {
  it('tasks: one that was made through it is unknown elsewhere, and the other way round', async () => {
    const tasks = { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } };
    const { host } = rigOf({ a: {}, b: {} }, tasks);
    const places = [ALL, at('a'), at('b')];
    for (const place of places) {
      const made = await ask(host, 'tools/call', { name: 'one__x', task: {} }, { scope: place });
      const { taskId } = made['task'] as { taskId: string };
      for (const scope of places) {
        const got = await ask(host, 'tasks/get', { taskId }, { scope }).then(
          () => 'found',
          (error: { code?: unknown }) => error.code,
        );
        expect([place, scope, got]).toEqual([place, scope, place === scope ? 'found' : 'TASK_UNKNOWN']);
        const { tasks: listed } = await ask(host, 'tasks/list', {}, { scope });
        expect((listed as readonly unknown[]).length).toBe(place === scope ? 1 : 0);
      }
    }
  });

  it('subscriptions: what is not in it is unknown, and not heard any more when it is taken out', async () => {
    const { host, pool, bundles } = rigOf({ a: { deny: ['resource:one/mem://b', 'two/**'] } });
    const { client, told } = legacyClient('s');
    const asked = { client, scope: at('a') };
    await ask(host, 'resources/subscribe', { uri: 'mem://a' }, asked);
    await expect(ask(host, 'resources/subscribe', { uri: 'mem://b' }, asked)).rejects.toMatchObject(NOT_FOUND);
    pool.updated('one', 'mem://a');
    expect(told).toEqual([update('mem://a')]);
    bundles.set('a', { servers: ['two'] });
    pool.updated('one', 'mem://a');
    host.viewsChanged();
    expect([told.length, pool.uris()]).toEqual([1, []]);
  });

  it('changes of lists: of its servers alone', async () => {
    const { host, pool } = rigOf({ a: { servers: ['one'] }, b: {} });
    const events: HostEvent[] = [];
    host.onEvent((event) => void events.push(event));
    const heard: string[] = [];
    const controller = new AbortController();
    const listens = ['a', 'b'].map((bundle) =>
      ask(
        host,
        'subscriptions/listen',
        { notifications: { toolsListChanged: true } },
        {
          scope: at(bundle),
          client: modernClient,
          signal: controller.signal,
          onNotification: ({ method }) => void (method.endsWith('list_changed') && heard.push(bundle)),
        },
      ).catch(() => 'stopped'),
    );
    await settled();
    pool.listChanged('two');
    await settled();
    expect(heard).toEqual(['b']);
    const reached = ['a', 'b'].map((bundle) =>
      events.some((event) => event.reaches?.({ consumer, client: plainClient, scope: at(bundle) })),
    );
    expect(reached).toEqual([false, true]);
    controller.abort(new Error('stopped'));
    await Promise.all(listens);
  });

  it('what servers say over connections of a session', async () => {
    const tasks = { tasks: { list: {} } };
    const { host, pool, bundles } = rigOf({ a: {} }, tasks);
    const { client, told } = legacyClient('s');
    await ask(host, 'tools/call', { name: 'one__x' }, { client, scope: at('a') });
    const say = (): void => pool.session?.notify({ method: 'notifications/message', params: {} });
    say();
    bundles.set('a', { servers: ['two'] });
    say();
    expect(told).toHaveLength(1);
  });
});

describe('when bundles change', () => {
  it('those who were given their lists are told, and what listens to one that is gone ends', async () => {
    const { host, bundles } = rigOf({ a: {}, b: {} });
    const events: HostEvent[] = [];
    for (const scope of [ALL, at('a'), at('b')]) await ask(host, 'tools/list', {}, { scope });
    const ended = ask(
      host,
      'subscriptions/listen',
      { notifications: { toolsListChanged: true } },
      {
        scope: at('b'),
        client: modernClient,
      },
    );
    await settled();
    host.onEvent((event) => void events.push(event));
    bundles.set('a', { servers: ['one'] });
    bundles.delete('b');
    host.viewsChanged();
    const told = [ALL, at('a'), at('b')].map((scope) =>
      events.some(({ reaches }) => reaches?.({ consumer, client: plainClient, scope }) === true),
    );
    expect(told).toEqual([false, true, true]);
    expect(events.filter(({ isGone, server }) => isGone === true && server === '').length).toBeGreaterThan(0);
    expect(await ended).toEqual({ resultType: 'complete' });
  });
});

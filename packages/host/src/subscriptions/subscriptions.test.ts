import { Payload } from '@hostler/kernel';
import type { JsonObject, Notification, Outcome, Scope } from '@hostler/kernel';
import { hostAsClient } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { FakeConnection } from '../../test/support/fake-pool.ts';
import {
  HandClock,
  legacyClient,
  listed,
  settled,
  SubscribablePool,
  update,
} from '../../test/support/subscribable-pool.ts';
import { createHost } from '../create-host.ts';
import { createExchange } from '../exchange.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const consumer = { name: 'test' };
const ALL: Scope = { kind: 'all' };
const FILES: Scope = { kind: 'server', name: 'files' };
const TOOLS_CHANGED = 'notifications/tools/list_changed';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

function start(subscriptionsOf?: () => number | undefined) {
  const answer = (method: string): JsonObject => (method === 'resources/list' ? listed('file:///a', 'file:///b') : {});
  const files = new FakeConnection({ tools: { listChanged: true }, resources: { subscribe: true } }, answer);
  const notes = new FakeConnection({ resources: {} }, answer, 'modern');
  const pool = new SubscribablePool({ files, notes });
  const clock = new HandClock();
  const host = createHost({ pool, log: silent, clock, ...(subscriptionsOf && { subscriptionsOf }) });
  const session = (id: string, scope: Scope = ALL) => {
    const { client, told } = legacyClient(id);
    const send = (method: string, uri: unknown, signal = new AbortController().signal) =>
      host.dispatch(createExchange({ method, params: { uri } as JsonObject, scope, consumer, signal, client }));
    return {
      told,
      subscribe: (uri: unknown, signal?: AbortSignal) => send('resources/subscribe', uri, signal),
      unsubscribe: (uri: unknown) => send('resources/unsubscribe', uri),
    };
  };
  const listen = (notifications: unknown, scope: Scope = ALL, client = hostAsClient) => {
    const told: Notification[] = [];
    const controller = new AbortController();
    const params = { notifications } as JsonObject;
    const outcome = host.dispatch(
      createExchange({
        method: 'subscriptions/listen',
        params,
        scope,
        consumer,
        client,
        signal: controller.signal,
        onNotification: (notification) => told.push(notification),
      }),
    );
    outcome.catch(() => {});
    return { told, controller, outcome };
  };
  return { files, notes, pool, clock, host, session, listen };
}

describe('a session of a legacy client', () => {
  it('hears of what it subscribed to, under the name that it used, once, and of nothing else', async () => {
    const { pool, session } = start();
    const [one, two] = [session('one'), session('two')];
    await one.subscribe('file:///a');
    await two.subscribe('hostler://files/file:///a');
    await two.subscribe('file:///b');
    pool.updated('files', 'file:///a');
    pool.updated('notes', 'file:///b');
    expect(one.told).toEqual([update('file:///a')]);
    expect(two.told).toEqual([update('hostler://files/file:///a')]);
    await one.unsubscribe('file:///a');
    pool.updated('files', 'file:///a');
    expect(one.told).toHaveLength(1);
    expect(two.told).toHaveLength(2);
  });

  it('hears of a part of what it subscribed to, and of no sibling', async () => {
    const { pool, session } = start();
    const one = session('one', FILES);
    await one.subscribe('file:///dir');
    pool.updated('files', 'file:///dir/inner?x=1');
    pool.updated('files', 'file:///directory');
    expect(one.told).toEqual([update('file:///dir/inner?x=1')]);
    await one.subscribe('file:///dir/inner');
    pool.updated('files', 'file:///dir/inner');
    expect(one.told.slice(1)).toEqual([update('file:///dir/inner')]);
  });

  it('hears of it only from the connection that it subscribed over', async () => {
    const { pool, session } = start();
    pool.sourceOf = () => 'one';
    const one = session('one');
    await one.subscribe('file:///a');
    pool.sourceOf = () => 'shared';
    pool.updated('files', 'file:///a', 'shared');
    pool.updated('files', 'file:///a', 'one');
    expect(one.told).toHaveLength(1);
  });

  it('never hears of it over the credentials of another caller', async () => {
    const { pool, session } = start();
    pool.sourceOf = () => 'ann/shared';
    const one = session('one', FILES);
    const answer = Promise.withResolvers<boolean>();
    pool.respond = () => answer.promise;
    const subscribing = one.subscribe('file:///a');
    await settled();
    pool.updated('files', 'file:///a', 'bob/shared');
    expect(one.told).toEqual([]);
    pool.updated('files', 'file:///a', 'ann/matched');
    answer.resolve(true);
    await subscribing;
    pool.updated('files', 'file:///a', 'bob/shared');
    expect(one.told).toEqual([update('file:///a')]);
  });

  it('hears of what happens before the server has answered', async () => {
    const { pool, session } = start();
    const one = session('one', FILES);
    const answer = Promise.withResolvers<boolean>();
    pool.respond = () => answer.promise;
    const subscribing = one.subscribe('file:///a');
    await settled();
    pool.updated('files', 'file:///a');
    answer.resolve(true);
    await subscribing;
    expect(one.told).toHaveLength(1);
  });

  it('gets the same refusal for what does not exist, what is hidden and what the server does not take', async () => {
    const { pool, session } = start();
    const one = session('one');
    pool.respond = () => false;
    const refusal = (uri: string) => ({
      code: 'ROUTE_NOT_FOUND',
      details: { kind: 'resource', name: uri, uri },
    });
    await expect(one.subscribe('http://elsewhere')).rejects.toMatchObject(refusal('http://elsewhere'));
    await expect(one.subscribe('file:///a')).rejects.toMatchObject(refusal('file:///a'));
    await expect(one.subscribe(7)).rejects.toMatchObject({ code: 'PROTOCOL_INVALID_PARAMS' });
    pool.updated('files', 'file:///a');
    expect(one.told).toEqual([]);
    expect((await one.unsubscribe('http://elsewhere')).payload.value()).toEqual({});
  });

  it('gets the answer that a legacy server gave', async () => {
    const { pool, session } = start();
    const answer: Outcome = { kind: 'error', era: 'legacy', payload: Payload.of({ code: -32002, message: 'none' }) };
    pool.respond = () => answer;
    expect(await session('one', FILES).subscribe('file:///a')).toBe(answer);
  });

  it('subscribes to a thousand resources and not to one more', async () => {
    const { session } = start();
    const one = session('one', FILES);
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => one.subscribe(`file:///${index}`)));
    await expect(one.subscribe('file:///more')).rejects.toMatchObject({ code: 'SUBSCRIPTION_TOO_MANY' });
    await one.unsubscribe('file:///1');
    await one.subscribe('file:///more');
  });

  it('subscribes to as many as its consumer may', async () => {
    const one = start(() => 1).session('one', FILES);
    await one.subscribe('file:///a');
    await expect(one.subscribe('file:///b')).rejects.toMatchObject({ code: 'SUBSCRIPTION_TOO_MANY' });
    const { listen } = start(() => 1);
    const { outcome } = listen({ resourceSubscriptions: ['file:///a', 'file:///b'] });
    await expect(outcome).rejects.toMatchObject({ code: 'PROTOCOL_INVALID_PARAMS' });
    await expect(
      start(() => undefined)
        .session('two', FILES)
        .subscribe('file:///a'),
    ).resolves.toBeDefined();
  });

  it('gives everything back when it ends, also what was being asked for', async () => {
    const { pool, session, host, clock } = start();
    const one = session('one', FILES);
    await one.subscribe('file:///a');
    const answer = Promise.withResolvers<boolean>();
    pool.respond = () => answer.promise;
    const controller = new AbortController();
    const subscribing = one.subscribe('file:///b', controller.signal).catch((error: unknown) => error);
    await settled();
    controller.abort(new Error('gone'));
    await host.endSession('one');
    expect(await subscribing).toMatchObject({ message: 'gone' });
    answer.resolve(true);
    await settled();
    expect(pool.uris()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('holds nothing while its client is silent, and is told of what it may have missed when it is back', async () => {
    const { pool, session, host } = start();
    const one = session('one', FILES);
    await one.subscribe('file:///a');
    await host.restSession('one');
    expect(pool.uris()).toEqual([]);
    host.wakeSession('one');
    await settled();
    expect(pool.uris()).toEqual(['files file:///a']);
    expect(one.told).toEqual([update('file:///a')]);
    host.wakeSession('one');
    await host.restSession('one');
    await host.endSession('one');
    host.wakeSession('one');
    await settled();
    expect(pool.uris()).toEqual([]);
  });
});

describe('what is held when a connection ends', () => {
  it('is held again when the server is back, and taken for changed', async () => {
    const { pool, session, listen } = start();
    pool.comesUp('files');
    const one = session('one');
    await one.subscribe('file:///a');
    const two = listen({ resourceSubscriptions: ['file:///a'] });
    await settled();
    pool.respond = () => Promise.reject(new Error('down'));
    pool.lose('files');
    pool.goesDown('files');
    await settled();
    expect([one.told, two.told.slice(1)]).toEqual([[], []]);
    pool.respond = () => true;
    pool.restarts = 1;
    pool.comesUp('files');
    await settled();
    expect(pool.uris()).toEqual(['files file:///a', 'files file:///a']);
    expect([one.told, two.told.slice(1)]).toEqual([[update('file:///a')], [update('file:///a')]]);
  });

  it('is tried for again even if nobody says that the server is back', async () => {
    const { pool, session, clock, host } = start();
    const one = session('one', FILES);
    await one.subscribe('file:///a');
    pool.respond = () => Promise.reject(new Error('down'));
    pool.lose('files');
    await clock.pass(5_000);
    expect(pool.uris()).toEqual([]);
    pool.respond = () => true;
    await clock.pass(5_000);
    expect(pool.uris()).toEqual(['files file:///a']);
    expect(one.told).toEqual([update('file:///a')]);
    pool.lose('files');
    await host.endSession('one');
    expect(clock.pending).toBe(0);
  });
});

describe('what is held of a server that is removed', () => {
  it('is asked for no more, until there is a server of that name again', async () => {
    const { pool, session, clock, files } = start();
    pool.comesUp('files');
    const one = session('one');
    await one.subscribe('hostler://files/file:///a');
    let asked = 0;
    pool.respond = () => {
      asked += 1;
      return true;
    };
    await pool.remove('files');
    pool.lose('files');
    expect(clock.pending).toBe(0);
    await clock.pass(10_000);
    expect(asked).toBe(0);
    pool.comesUp('files', files);
    await settled();
    expect(asked).toBe(1);
    expect(one.told).toEqual([update('hostler://files/file:///a')]);
  });
});

describe('subscriptions/listen', () => {
  it('is acknowledged with what is honoured before anything else is said', async () => {
    const { pool, listen } = start();
    const answer = Promise.withResolvers<boolean>();
    pool.respond = (_, uri) => (uri === 'file:///a' ? answer.promise : false);
    const { told } = listen({
      toolsListChanged: true,
      promptsListChanged: false,
      unheardOf: true,
      resourceSubscriptions: ['file:///b', 'file:///a', 'http://elsewhere', 'file:///a'],
    });
    await settled();
    pool.updated('files', 'file:///a');
    pool.updated('files', 'file:///a');
    expect(told).toEqual([]);
    answer.resolve(true);
    await settled();
    expect(told).toEqual([
      {
        method: ACKNOWLEDGED,
        params: { notifications: { toolsListChanged: true, resourceSubscriptions: ['file:///a'] } },
      },
      update('file:///a'),
    ]);
  });

  it('hears of the lists it asked for and of no others, from any server or from one', async () => {
    const { pool, listen } = start();
    const all = listen({ toolsListChanged: true, resourcesListChanged: true });
    const one = listen({ toolsListChanged: true, promptsListChanged: true }, FILES);
    await settled();
    pool.listChanged('files');
    pool.listChanged('notes');
    pool.listChanged('files', 'notifications/prompts/list_changed');
    await settled();
    const changed = { method: TOOLS_CHANGED };
    expect(all.told.slice(1)).toEqual([changed, changed]);
    // The server says of its tools alone that they change.
    expect(one.told).toEqual([
      { method: ACKNOWLEDGED, params: { notifications: { toolsListChanged: true } } },
      changed,
    ]);
  });

  it('hears of each change from the one connection that serves it', async () => {
    const { pool, listen } = start();
    const { told } = listen({ toolsListChanged: true }, FILES);
    await settled();
    for (const source of ['matched', 'shared', 's1']) {
      const notification = { method: TOOLS_CHANGED };
      pool.emit({ kind: 'notification', server: 'files', source, notification });
    }
    expect(told.slice(1)).toEqual([{ method: TOOLS_CHANGED }]);
  });

  it('ends with a result when nothing is honoured, when the host stops, and when its server is removed', async () => {
    const { pool, host, listen } = start();
    pool.comesUp('files');
    const ends = [
      listen({ resourceSubscriptions: ['http://elsewhere'] }),
      listen({ toolsListChanged: true }, FILES),
      listen({ toolsListChanged: true }),
    ];
    await settled();
    expect(ends[0]?.told).toEqual([{ method: ACKNOWLEDGED, params: { notifications: {} } }]);
    await pool.remove('files');
    await settled();
    await host.close();
    const outcomes = await Promise.all(ends.map(({ outcome }) => outcome));
    for (const { kind, era, payload } of outcomes) {
      expect([kind, era, payload.value()]).toEqual(['result', 'modern', { resultType: 'complete' }]);
    }
  });

  it('gives everything back when its client is gone, also while servers are being asked', async () => {
    const { pool, listen, clock } = start();
    const one = listen({ resourceSubscriptions: ['file:///a'] });
    await settled();
    const answer = Promise.withResolvers<boolean>();
    pool.respond = () => answer.promise;
    const two = listen({ resourceSubscriptions: ['file:///b'] });
    await settled();
    one.controller.abort(new Error('gone'));
    two.controller.abort(new Error('gone'));
    await expect(one.outcome).rejects.toThrow('gone');
    await expect(two.outcome).rejects.toThrow('gone');
    answer.resolve(true);
    await settled();
    expect(pool.uris()).toEqual([]);
    expect(two.told).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('goes to the server as it is when it asks for what the host does not know', async () => {
    const { notes, listen } = start();
    const asked = { toolsListChanged: true, taskIds: ['t'] };
    const { outcome } = listen(asked, { kind: 'server', name: 'notes' });
    await outcome;
    expect(notes.asked.at(-1)?.request.params).toEqual({ notifications: asked });
  });

  it.each([
    [undefined],
    ['all'],
    [{ resourceSubscriptions: 'a' }],
    [{ resourceSubscriptions: [1] }],
    [{ resourceSubscriptions: Array.from({ length: 1_001 }, (_, index) => `a:${index}`) }],
  ])('is refused when it asks for %j', async (notifications) => {
    const { listen } = start();
    await expect(listen(notifications).outcome).rejects.toMatchObject({ code: 'PROTOCOL_INVALID_PARAMS' });
  });

  it('at an unknown server is refused like every other request there', async () => {
    const { listen } = start();
    const { outcome } = listen({ toolsListChanged: true }, { kind: 'server', name: 'nowhere' });
    await expect(outcome).rejects.toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });
});

describe('a server that comes or goes', () => {
  it('changes what the whole host lists, once each time, and its own lists when it was away', async () => {
    const { pool, listen } = start();
    pool.comesUp('files');
    const all = listen({ toolsListChanged: true, promptsListChanged: true });
    const one = listen({ toolsListChanged: true }, FILES);
    await settled();
    const changed = { method: TOOLS_CHANGED };
    // Nothing happens when it only says again how it is.
    pool.comesUp('files');
    await settled();
    expect([all.told.slice(1), one.told.slice(1)]).toEqual([[], []]);
    pool.goesDown('files');
    pool.goesDown('files');
    await settled();
    expect([all.told.slice(1), one.told.slice(1)]).toEqual([[changed], []]);
    pool.restarts = 1;
    pool.comesUp('files');
    await settled();
    expect([all.told.slice(1), one.told.slice(1)]).toEqual([[changed, changed], [changed]]);
  });
});

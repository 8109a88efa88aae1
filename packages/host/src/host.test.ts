import type { Client, Exchange, JsonObject, Notification } from '@hostler/kernel';
import type { PoolEvent } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { FakeConnection, FakePool } from '../test/support/fake-pool.ts';
import { createHost } from './create-host.ts';
import { createExchange } from './exchange.ts';

/** Nothing that these tests wait for depends on time. */
const still = { now: () => 0, after: () => () => {} };

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function twoServers() {
  const files = new FakeConnection({ tools: {}, resources: { subscribe: true } }, (method, params) => {
    if (method === 'tools/list') {
      return params['cursor'] === undefined
        ? { tools: [{ name: 'read', icons: [{ src: 'x' }] }], nextCursor: 'two' }
        : { tools: [{ name: 'write' }] };
    }
    if (method === 'resources/list') return { resources: [{ uri: 'file:///a', name: 'a' }] };
    if (method === 'resources/templates/list')
      return { resourceTemplates: [{ uriTemplate: 'file:///{path}', name: 't' }] };
    if (method === 'tools/call') return { content: [], called: params['name'] as string };
    if (method === 'resources/read') return { contents: [{ uri: params['uri'] as string }] };
    return {};
  });
  const chat = new FakeConnection({ tools: {}, prompts: {}, completions: {}, logging: {} }, (method, params) => {
    if (method === 'tools/list') return { tools: [{ name: 'read' }] };
    if (method === 'prompts/list') return { prompts: [{ name: 'greet' }] };
    if (method === 'prompts/get') return { messages: [], got: params['name'] as string };
    if (method === 'completion/complete') return { completion: { values: [JSON.stringify(params['ref'])] } };
    return {};
  });
  const pool = new FakePool({ files, chat });
  return { files, chat, pool, host: createHost({ pool, log: silent, clock: still }) };
}

const signal = new AbortController().signal;
const consumer = { name: 'test' };
const legacyClient: Client = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} };

function ask(method: string, params: JsonObject = {}, server?: string): Exchange {
  const scope = server === undefined ? ({ kind: 'all' } as const) : ({ kind: 'server', name: server } as const);
  return createExchange({ method, params, scope, consumer, signal, client: legacyClient });
}

describe('the whole host', () => {
  it('lists the tools of all servers with all their pages, under public names, unknown members kept', async () => {
    const { host } = twoServers();
    const outcome = await host.dispatch(ask('tools/list'));
    expect(outcome.payload.value()).toEqual({
      tools: [{ name: 'files__read', icons: [{ src: 'x' }] }, { name: 'files__write' }, { name: 'chat__read' }],
    });
  });

  it('calls a tool on its server under its own name', async () => {
    const { host, files } = twoServers();
    const outcome = await host.dispatch(ask('tools/call', { name: 'files__write', arguments: { a: 1 }, extra: true }));
    expect(outcome.payload.value()).toEqual({ content: [], called: 'write' });
    expect(files.asked.at(-1)?.request.params).toEqual({ name: 'write', arguments: { a: 1 }, extra: true });
  });

  it.each([
    ['tools/call', { name: 'files__nothing' }],
    ['tools/call', { name: 'read' }],
    ['tools/call', { name: '__proto__' }],
    ['prompts/get', { name: 'files__greet' }],
    ['resources/read', { uri: 'http://elsewhere' }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'greet' } }],
  ])('answers %s of what does not exist with ROUTE_NOT_FOUND', async (method, params) => {
    const { host } = twoServers();
    await expect(host.dispatch(ask(method, params))).rejects.toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });

  it.each([
    ['tools/call', {}],
    ['tools/call', { name: 5 }],
    ['resources/read', { uri: null }],
    ['tools/list', { cursor: 7 }],
    ['tools/list', { cursor: 'garbage' }],
    ['completion/complete', { ref: 'x' }],
    ['logging/setLevel', { level: 'loud' }],
  ])('refuses %s with wrong parameters', async (method, params) => {
    const { host } = twoServers();
    await expect(host.dispatch(ask(method, params as JsonObject))).rejects.toMatchObject({
      code: 'PROTOCOL_INVALID_PARAMS',
    });
  });

  it('reads a listed resource, and one that only a template covers', async () => {
    const { host } = twoServers();
    const listed = await host.dispatch(ask('resources/read', { uri: 'file:///a' }));
    const templated = await host.dispatch(ask('resources/read', { uri: 'file:///b' }));
    expect([listed.payload.value(), templated.payload.value()]).toEqual([
      { contents: [{ uri: 'file:///a' }] },
      { contents: [{ uri: 'file:///b' }] },
    ]);
  });

  it('completes for a prompt under the name its server knows', async () => {
    const { host } = twoServers();
    const outcome = await host.dispatch(
      ask('completion/complete', { ref: { type: 'ref/prompt', name: 'chat__greet' } }),
    );
    expect(outcome.payload.value()).toEqual({ completion: { values: ['{"type":"ref/prompt","name":"greet"}'] } });
  });

  it('goes on without a server that is down', async () => {
    const { host, pool } = twoServers();
    pool.down.add('files');
    const outcome = await host.dispatch(ask('tools/list'));
    expect(outcome.payload.value()).toEqual({ tools: [{ name: 'chat__read' }] });
  });

  it('reads the lists once', async () => {
    const { host, chat } = twoServers();
    await host.dispatch(ask('tools/list'));
    await host.dispatch(ask('tools/list'));
    expect(chat.methods()).toEqual(['tools/list', 'prompts/list']);
  });

  it('describes itself with what any server can do', async () => {
    const { host } = twoServers();
    const description = await host.describe({ kind: 'all' }, consumer, legacyClient);
    expect(description.capabilities).toEqual({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
      logging: {},
    });
  });

  it('sets the log level of every server that logs, once for the lowest wish', async () => {
    const { host, chat, files } = twoServers();
    await host.dispatch(ask('logging/setLevel', { level: 'info' }));
    await host.dispatch(ask('logging/setLevel', { level: 'error' }));
    await host.dispatch(ask('logging/setLevel', { level: 'debug' }));
    const levels = chat.asked.filter(({ request }) => request.method === 'logging/setLevel');
    expect(levels.map(({ request }) => request.params['level'])).toEqual(['info', 'debug']);
    expect(files.asked).toEqual([]);
  });
});

describe('one server', () => {
  it('passes requests through unchanged', async () => {
    const { host, files } = twoServers();
    const exchange = ask('tools/call', { name: 'files__read' }, 'files');
    await host.dispatch(exchange);
    expect(files.asked).toEqual([exchange]);
  });

  it('does not tell an unknown server from a hidden one', async () => {
    const { host } = twoServers();
    await expect(host.dispatch(ask('tools/list', {}, 'nobody'))).rejects.toMatchObject({ code: 'ROUTE_NOT_FOUND' });
    await expect(host.describe({ kind: 'server', name: 'nobody' }, consumer, legacyClient)).rejects.toMatchObject({
      code: 'ROUTE_NOT_FOUND',
    });
    expect(host.has({ kind: 'server', name: '__proto__' }, consumer)).toBe(false);
  });

  it.each(['server/discover', 'subscriptions/listen', 'made/up', '__proto__'])(
    'knows no %s in the legacy era',
    async (method) => {
      const { host } = twoServers();
      await expect(host.dispatch(ask(method, {}, 'files'))).rejects.toMatchObject({
        code: 'PROTOCOL_METHOD_NOT_FOUND',
      });
    },
  );
});

describe('events', () => {
  it('tells of changed lists, never of what belongs to nobody', () => {
    const { host, pool } = twoServers();
    const seen: Notification[] = [];
    host.onEvent(({ notification }) => seen.push(notification));
    for (const method of [
      'notifications/tools/list_changed',
      'notifications/message',
      'notifications/resources/updated',
    ]) {
      pool.emit({ kind: 'notification', server: 'files', notification: { method }, source: 'shared' });
    }
    expect(seen).toEqual([{ method: 'notifications/tools/list_changed' }]);
  });

  it('survives a listener that throws, and stops when closed', async () => {
    const { host, pool } = twoServers();
    let heard = 0;
    host.onEvent(() => {
      throw new Error('broken listener');
    });
    host.onEvent(() => heard++);
    const event: PoolEvent = {
      kind: 'notification',
      server: 'files',
      notification: { method: 'notifications/tools/list_changed' },
      source: 'shared',
    };
    pool.emit(event);
    await host.close();
    pool.emit(event);
    expect(heard).toBe(1);
  });

  it('hands on what a client says outside any request', () => {
    const { host, pool } = twoServers();
    host.notify('s1', { method: 'notifications/roots/list_changed' });
    expect(pool.told).toEqual(['s1 notifications/roots/list_changed']);
  });

  it('frees the connections of an ended session', async () => {
    const { host, pool } = twoServers();
    await host.endSession('s1');
    expect(pool.ended).toEqual(['s1']);
  });
});

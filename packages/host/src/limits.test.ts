import type { Exchange, JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { FakeConnection, FakePool } from '../test/support/fake-pool.ts';
import { createCallLimit } from './call-limit.ts';
import { createHost } from './create-host.ts';
import { createExchange } from './exchange.ts';

const still = { now: () => 0, after: () => () => {} };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const HOUR = 3_600_000;

function limited(spec: Parameters<typeof createCallLimit>[0]) {
  const held: PromiseWithResolvers<JsonObject>[] = [];
  const server = new FakeConnection({ tools: { listChanged: true } }, (method) => {
    if (method === 'tools/list') return { tools: [{ name: 'wait' }] };
    if (method !== 'tools/call') return {};
    const call = Promise.withResolvers<JsonObject>();
    held.push(call);
    return call.promise;
  });
  const limit = createCallLimit(spec, { clock: still });
  const host = createHost({
    pool: new FakePool({ one: server }),
    log: silent,
    clock: still,
    limitOf: ({ name }) => (name === 'limited' ? limit : undefined),
  });
  const ask = (method: string, params: JsonObject = {}, more: Partial<Exchange> = {}) => {
    const exchange = createExchange({
      method,
      params,
      scope: { kind: 'all' },
      consumer: { name: 'limited' },
      signal: new AbortController().signal,
    });
    return host.dispatch({ ...exchange, ...more });
  };
  const call = (more: Partial<Exchange> = {}) => ask('tools/call', { name: 'one__wait' }, more);
  return { host, held, server, ask, call };
}

const TOO_MANY = { code: 'LIMIT_EXCEEDED' };

describe('limits of a consumer', () => {
  it('count everything that is asked, lists and what is refused later on too, and nobody else', async () => {
    const { ask, server } = limited({ calls: { count: 4, per: HOUR } });
    await ask('tools/list');
    await ask('prompts/list');
    await expect(ask('made/up')).rejects.toMatchObject({ code: 'PROTOCOL_METHOD_NOT_FOUND' });
    await expect(ask('prompts/get', { name: 'one__none' })).rejects.toMatchObject({ code: 'ROUTE_NOT_FOUND' });
    const before = server.asked.length;
    for (const [method, scope] of [
      ['tools/list', 'one'],
      ['tools/call', 'one'],
      ['made/up', 'one'],
      ['tools/list', 'unknown'],
      ['subscriptions/listen', 'one'],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await expect(ask(method, {}, { scope: { kind: 'server', name: scope } })).rejects.toMatchObject(TOO_MANY);
    }
    expect(server.asked.length).toBe(before);
    await expect(ask('tools/list', {}, { consumer: { name: 'other' } })).resolves.toMatchObject({ kind: 'result' });
  });

  it('leave alone what the endpoint answers itself, and what a client says unasked', async () => {
    const { host, ask } = limited({ calls: { count: 1, per: HOUR } });
    await ask('tools/list');
    const consumer = { name: 'limited' };
    const client = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} } as const;
    await expect(host.describe({ kind: 'all' }, consumer, client)).resolves.toBeDefined();
    expect(() => host.notify('s1', { method: 'notifications/roots/list_changed' })).not.toThrow();
  });

  it('give a place back with the outcome, whatever it is', async () => {
    const { call, ask, held, host } = limited({ concurrent: 2 });
    await ask('tools/list');
    for (const settle of [
      () => held.pop()?.resolve({ content: [] }),
      () => held.pop()?.resolve({ content: [], isError: true }),
      () => held.pop()?.reject(new Error('gone')),
      () => held.pop()?.reject(new DOMException('cancelled', 'AbortError')),
    ]) {
      const running = [call(), call()].map((outcome) => outcome.catch((error: unknown) => error));
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await expect(call()).rejects.toMatchObject({ ...TOO_MANY, details: { limit: '2 at a time' } });
      await expect(ask('tools/list')).rejects.toMatchObject(TOO_MANY);
      settle();
      settle();
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await Promise.all(running);
    }
    for (let refused = 0; refused < 5; refused += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await expect(ask('made/up')).rejects.toMatchObject({ code: 'PROTOCOL_METHOD_NOT_FOUND' });
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await expect(ask('tools/list')).resolves.toBeDefined();
    }
    await host.close();
  });

  it('take no place for a stream that stands', async () => {
    const { ask, host } = limited({ concurrent: 1 });
    const listening = [1, 2, 3].map(() => ask('subscriptions/listen', { notifications: { toolsListChanged: true } }));
    await expect(ask('tools/list')).resolves.toMatchObject({ kind: 'result' });
    await host.close();
    await Promise.all(listening);
  });
});

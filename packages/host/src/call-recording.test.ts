import { defineErrors } from '@hostler/kernel';
import type { Exchange, JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { FakeConnection, FakePool } from '../test/support/fake-pool.ts';
import type { CallAudit, CallTarget } from './call-audit.ts';
import { createCallLimit } from './call-limit.ts';
import { createHost } from './create-host.ts';
import type { HostOptions } from './create-host.ts';
import { createExchange } from './exchange.ts';

const still = { now: () => 0, after: () => () => {} };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

const { UNAVAILABLE } = defineErrors('AUDIT', {
  UNAVAILABLE: { http: 503, rpc: -32019, fault: 'operator', retryable: true, message: 'no' },
});

interface Seen {
  readonly id: string;
  readonly target: CallTarget[];
  readonly ends: unknown[];
}

/** Keeps what it is told. */
function fakeAudit(wait: () => Promise<void> | undefined = () => undefined) {
  const seen: Seen[] = [];
  const audit: CallAudit = {
    begin(exchange) {
      const one: Seen = { id: exchange.id, target: [], ends: [] };
      seen.push(one);
      return {
        intent(target) {
          one.target.push(target);
          return wait();
        },
        outcome: (outcome, { isToolError }) => void one.ends.push(isToolError ? 'tool error' : outcome.kind),
        failed: (thrown) => void one.ends.push((thrown as { code?: string }).code ?? 'error'),
      };
    },
  };
  return { seen, audit };
}

function hostWith(audit: CallAudit, more: Partial<HostOptions> = {}) {
  const held: PromiseWithResolvers<JsonObject>[] = [];
  const server = new FakeConnection({ tools: {}, prompts: {}, resources: {} }, (method, params) => {
    if (method === 'tools/list') {
      return {
        tools: [
          { name: 'write' },
          { name: 'read', annotations: { readOnlyHint: true } },
          { name: 'hold' },
          { name: 'fail' },
          { name: 'nested' },
        ],
      };
    }
    if (method === 'prompts/list') return { prompts: [{ name: 'greet' }] };
    if (method === 'resources/list') return { resources: [{ uri: 'file:///a', name: 'a' }] };
    if (params['name'] === 'fail') return { content: [], isError: true };
    if (params['name'] === 'nested') return { content: [], structuredContent: { isError: true } };
    if (params['name'] !== 'hold') return {};
    const call = Promise.withResolvers<JsonObject>();
    held.push(call);
    return call.promise;
  });
  const host = createHost({ pool: new FakePool({ one: server }), log: silent, clock: still, audit, ...more });
  const ask = (method: string, params: JsonObject = {}, extra: Partial<Exchange> = {}) => {
    const signal = new AbortController().signal;
    const exchange = createExchange({ method, params, scope: { kind: 'all' }, consumer: { name: 'c' }, signal });
    return host.dispatch({ ...exchange, ...extra });
  };
  const called = () => server.methods().filter((method) => !method.endsWith('/list'));
  return { ask, called, held };
}

describe('the record of calls', () => {
  it('has one pair for what goes to a server, and knows what only reads', async () => {
    const { audit, seen } = fakeAudit();
    const { ask } = hostWith(audit);
    await ask('tools/call', { name: 'one__write', arguments: { a: 1 } });
    await ask('tools/call', { name: 'one__read' });
    await ask('prompts/get', { name: 'one__greet' });
    await ask('resources/read', { uri: 'file:///a' });
    await ask('tools/call', { name: 'one__fail' });
    await ask('tools/call', { name: 'one__nested' });
    expect(seen.map(({ target, ends }) => [target.map(({ mayChange }) => mayChange), ends])).toEqual([
      [[true], ['result']],
      [[false], ['result']],
      [[false], ['result']],
      [[false], ['result']],
      [[true], ['tool error']],
      [[true], ['result']],
    ]);
    expect(seen[0]?.target[0]).toMatchObject({
      server: 'one',
      request: { params: { name: 'write', arguments: { a: 1 } } },
    });
  });

  it('has no call for what is refused, and nothing at all for lists', async () => {
    const { audit, seen } = fakeAudit();
    const limit = createCallLimit({ calls: { count: 3, per: 3_600_000 } }, { clock: still });
    const { ask, called } = hostWith(audit, { limitOf: () => limit });
    await ask('tools/list');
    await expect(ask('tools/call', { name: 'one__none' })).rejects.toMatchObject({ code: 'ROUTE_NOT_FOUND' });
    await expect(ask('made/up')).rejects.toMatchObject({ code: 'PROTOCOL_METHOD_NOT_FOUND' });
    await expect(ask('tools/call', { name: 'one__write' })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(seen.map(({ target, ends }) => [target.length, ends])).toEqual([
      [0, []],
      [0, ['ROUTE_NOT_FOUND']],
      [0, ['PROTOCOL_METHOD_NOT_FOUND']],
      [0, ['LIMIT_EXCEEDED']],
    ]);
    expect(called()).toEqual([]);
  });

  it('is written before anything is sent, where that is waited for', async () => {
    const written = Promise.withResolvers<void>();
    const { audit, seen } = fakeAudit(() => written.promise);
    const { ask, called } = hostWith(audit);
    const asked = ask('tools/call', { name: 'one__write' });
    await expect.poll(() => seen[0]?.target.length).toBe(1);
    await Promise.resolve();
    expect(called()).toEqual([]);
    written.resolve();
    await asked;
    expect(called()).toEqual(['tools/call']);
  });

  it('that cannot be written keeps a call from its server', async () => {
    const refusing = fakeAudit(() => Promise.reject(UNAVAILABLE()));
    const one = hostWith(refusing.audit);
    await expect(one.ask('tools/call', { name: 'one__write' })).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(one.called()).toEqual([]);
    expect(refusing.seen[0]?.ends).toEqual(['AUDIT_UNAVAILABLE']);
    const closed: CallAudit = {
      begin() {
        throw UNAVAILABLE();
      },
    };
    const other = hostWith(closed);
    await expect(other.ask('tools/list')).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await expect(other.ask('tools/call', { name: 'one__write' })).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(other.called()).toEqual([]);
  });

  it('has exactly one end for each call, whatever becomes of it: answered, failed, given up, in any order', async () => {
    const { audit, seen } = fakeAudit();
    const { ask, held } = hostWith(audit);
    await ask('tools/call', { name: 'one__read' });
    const calls = Array.from({ length: 300 }, () => ask('tools/call', { name: 'one__hold' }).catch(() => undefined));
    await expect.poll(() => held.length).toBe(300);
    for (const [index, call] of held.toSorted(() => Math.random() - 0.5).entries()) {
      if (index % 3 === 0) call.resolve({});
      else call.reject(index % 3 === 1 ? UNAVAILABLE() : new Error('gone'));
    }
    await Promise.all(calls);
    expect(seen).toHaveLength(301);
    expect(seen.every(({ target, ends }) => target.length === 1 && ends.length === 1)).toBe(true);
    expect(seen.filter(({ ends }) => ends[0] === 'result')).toHaveLength(101);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(301);
  });
});

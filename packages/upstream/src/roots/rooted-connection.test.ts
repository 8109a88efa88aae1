import { Payload } from '@hostler/kernel';
import type { Era, Exchange, JsonObject, Outcome, UpstreamSpec } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { makeExchange } from '../../test/support/make-exchange.ts';
import type { Connection } from '../connection.ts';
import { onlyRootsDiffer } from './only-roots-differ.ts';
import { rooted } from './rooted-connection.ts';
import { createServerRoots } from './server-roots.ts';
import type { ServerRoots } from './server-roots.ts';

const spec: UpstreamSpec = {
  name: 'files',
  transport: { kind: 'http', url: 'http://x', headers: {} },
  era: 'auto',
  interactive: true,
  required: false,
  startTimeout: 1,
  callTimeout: 1,
  roots: [{ uri: 'file:///srv/data' }],
  pathArguments: { open: ['path'] },
};
const ROOTS = { roots: [{ uri: 'file:///srv/data' }] };
const clock = { now: () => 0, after: () => () => {} };

/** A server that gives these results, one for each request. */
function serving(era: Era, results: readonly JsonObject[]): { connection: Connection; seen: Exchange[] } {
  const seen: Exchange[] = [];
  const connection: Connection = {
    era,
    server: { era, revisions: [], info: {}, capabilities: {} },
    request(exchange): Promise<Outcome> {
      const result = results[Math.min(seen.length, results.length - 1)] ?? {};
      seen.push(exchange);
      return Promise.resolve({ kind: 'result', era, payload: Payload.of(result) });
    },
    notify: () => {},
    close: () => Promise.resolve(),
  };
  return { connection: rooted(connection, createServerRoots(spec) as ServerRoots, clock), seen };
}

const DONE = { resultType: 'complete', content: [] };
const asking = (inputRequests: JsonObject, state?: string): JsonObject => ({
  resultType: 'input_required',
  inputRequests,
  ...(state === undefined ? {} : { requestState: state }),
});
const MINE = { method: 'roots/list' };
const THEIRS = { method: 'elicitation/create', params: { message: 'Which?' } };

const valueOf = async (outcome: Promise<Outcome>): Promise<JsonObject> => (await outcome).payload.value() as JsonObject;

describe('a connection to a server with configured folders', () => {
  it('does not pass on what leads out of them', async () => {
    const { connection, seen } = serving('legacy', [{}]);
    const params = { name: 'open', arguments: { path: '/etc/passwd' } };
    await expect(connection.request(makeExchange('tools/call', { params }))).rejects.toMatchObject({
      code: 'ROOTS_OUTSIDE',
    });
    expect(seen).toEqual([]);
  });

  it('passes on everything else as it is', async () => {
    const { connection, seen } = serving('legacy', [{}]);
    const exchange = makeExchange('tools/call', { params: { name: 'open', arguments: { path: '/srv/data/x' } } });
    await connection.request(exchange);
    expect(seen[0]).toBe(exchange);
  });

  it('leaves resources outside out of a subscription', async () => {
    const { connection, seen } = serving('modern', [DONE]);
    const resourceSubscriptions = ['file:///srv/data/x', 'file:///etc/passwd', 'test://y'];
    const params = { notifications: { toolsListChanged: true, resourceSubscriptions } };
    await connection.request(makeExchange('subscriptions/listen', { params }));
    expect(seen[0]?.request.params).toEqual({
      notifications: { toolsListChanged: true, resourceSubscriptions: ['file:///srv/data/x', 'test://y'] },
    });
  });
});

describe('the roots of a modern server', () => {
  it('are declared in place of the client’s own', async () => {
    const { connection, seen } = serving('modern', [DONE]);
    const client = { ...makeExchange('x').client, capabilities: { elicitation: {}, roots: { listChanged: true } } };
    await connection.request(makeExchange('tools/call', { params: { name: 'list' }, client }));
    expect(seen[0]?.client.capabilities).toEqual({ elicitation: {}, roots: {} });
  });

  it('are answered by the host, with the state that the server gave', async () => {
    const { connection, seen } = serving('modern', [asking({ a: MINE, b: MINE }, 'state 1'), DONE]);
    const params = { name: 'list', requestState: 'old', inputResponses: { old: {} } };
    expect(await valueOf(connection.request(makeExchange('tools/call', { params })))).toEqual(DONE);
    expect(seen).toHaveLength(2);
    expect(seen[1]?.request.params).toEqual({
      name: 'list',
      inputResponses: { a: ROOTS, b: ROOTS },
      requestState: 'state 1',
    });
  });

  it('are answered together with what the client is asked, when it comes back', async () => {
    const { connection, seen } = serving('modern', [asking({ a: MINE, b: THEIRS }, 'state 1'), DONE]);
    const params = { name: 'list' };
    const first = await valueOf(connection.request(makeExchange('tools/call', { params })));
    expect(first).toEqual({
      resultType: 'input_required',
      inputRequests: { b: THEIRS },
      requestState: expect.any(String),
    });
    expect(JSON.stringify(first)).not.toContain('state 1');
    const retry = {
      ...params,
      inputResponses: { a: { roots: [] }, b: { action: 'accept' } },
      requestState: first['requestState'],
    };
    expect(await valueOf(connection.request(makeExchange('tools/call', { params: retry })))).toEqual(DONE);
    expect(seen[1]?.request.params).toEqual({
      name: 'list',
      inputResponses: { a: ROOTS, b: { action: 'accept' } },
      requestState: 'state 1',
    });
  });

  it('are sealed for one consumer and one request', async () => {
    const { connection, seen } = serving('modern', [asking({ a: MINE, b: THEIRS }), DONE]);
    const first = await valueOf(connection.request(makeExchange('tools/call', { params: { name: 'list' } })));
    const retry = { name: 'other', inputResponses: { b: {} }, requestState: first['requestState'] };
    await connection.request(makeExchange('tools/call', { params: retry }));
    expect(seen[1]?.request.params).toEqual(retry);
  });

  it('are not given without end', async () => {
    const { connection, seen } = serving('modern', [asking({ a: MINE })]);
    await expect(connection.request(makeExchange('tools/call', { params: { name: 'list' } }))).rejects.toMatchObject({
      code: 'ROOTS_ASKED_TOO_OFTEN',
    });
    expect(seen).toHaveLength(5);
  });

  it.each<[string, string, JsonObject]>([
    ['a result that only mentions the method', 'tools/call', { ...DONE, note: 'roots/list' }],
    ['a question for the client alone', 'tools/call', asking({ b: { ...THEIRS, note: 'roots/list' } })],
    ['the result of a request that no question belongs to', 'tools/list', asking({ a: MINE })],
  ])('have nothing to do with %s', async (_, method, result) => {
    const { connection, seen } = serving('modern', [result]);
    expect(await valueOf(connection.request(makeExchange(method, { params: { name: 'list' } })))).toEqual(result);
    expect(seen).toHaveLength(1);
  });
});

describe('onlyRootsDiffer', () => {
  const other = [{ uri: 'file:///srv/other' }];
  it.each<[string, boolean, Partial<UpstreamSpec>]>([
    ['other roots', true, { roots: other }],
    ['other path arguments', true, { pathArguments: {} }],
    ['nothing', false, {}],
    ['a timeout beside the roots', false, { roots: other, callTimeout: 2 }],
  ])('%s: %s', (_, expected, change) => {
    expect(onlyRootsDiffer(spec, { ...structuredClone(spec), ...change })).toBe(expected);
  });
});

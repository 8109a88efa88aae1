import { expect, test } from 'vitest';
import type { Exchange, JsonObject } from '@hostler/kernel';
import { result } from './support/fake-host.ts';
import { HttpRig } from './support/http-rig.ts';
import { legacy, notification } from './support/messages.ts';

const form = { method: 'elicitation/create', params: { mode: 'form', message: 'Name?' } };

/** A modern server that asks `rounds` times before it answers. */
function asking(rounds: number, inputRequests: JsonObject = { name: form }) {
  let round = 0;
  return ({ request }: Exchange) => {
    if (round++ < rounds) {
      return result({ resultType: 'input_required', inputRequests, requestState: `state-${round}` }, 'modern');
    }
    const { inputResponses, requestState } = request.params;
    return result(
      { resultType: 'complete', content: [], told: { inputResponses, requestState } as JsonObject },
      'modern',
    );
  };
}

test('questions of a modern server reach a legacy client all at once, and their answers go back under their keys', async () => {
  const inputRequests = { name: form, place: { method: 'roots/list' } };
  await using rig = await HttpRig.start({ dispatch: asking(1, inputRequests) });
  const session = await rig.initialize({ elicitation: {}, roots: {} });
  const stream = await rig.stream('POST', legacy('tools/call', 1, { name: 't', arguments: { a: 1 } }), session);
  const [first, second] = [await stream.event(0), await stream.event(1)];
  expect([first['method'], second['method']]).toEqual(['elicitation/create', 'roots/list']);
  await rig.post({ jsonrpc: '2.0', id: second['id']!, result: { roots: [] } }, session);
  await rig.post({ jsonrpc: '2.0', id: first['id']!, result: { action: 'accept' } }, session);
  expect(await stream.event(2)).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: {
      content: [],
      told: {
        inputResponses: { name: { action: 'accept' }, place: { roots: [] } },
        requestState: 'state-1',
      },
    },
  });
  expect(rig.host.seen.map(({ request }) => request.params['arguments'])).toEqual([{ a: 1 }, { a: 1 }]);
  expect(new Set(rig.host.seen.map(({ id }) => id)).size).toBe(1);
});

test('a server that only wants to be asked again needs no client', async () => {
  await using rig = await HttpRig.start({ dispatch: asking(3, {}) });
  const { messages } = await rig.post(legacy('tools/call', 1), await rig.initialize());
  expect(messages[0]?.['result']).toMatchObject({ told: { inputResponses: {}, requestState: 'state-3' } });
});

test('eight rounds are enough, a ninth is refused', async () => {
  await using rig = await HttpRig.start({ dispatch: asking(8, {}) });
  const session = await rig.initialize();
  expect((await rig.post(legacy('tools/call', 1), session)).messages[0]?.['result']).toMatchObject({ content: [] });
  await using endless = await HttpRig.start({ dispatch: asking(9, {}) });
  const { messages } = await endless.post(legacy('tools/call', 1), await endless.initialize());
  expect(messages[0]?.['result']).toMatchObject({
    isError: true,
    content: [{ type: 'text', text: expect.stringContaining('more than 8 times') }],
  });
  expect(endless.host.seen).toHaveLength(9);
});

test('a client that cannot be asked gets a result that the model can read', async () => {
  await using rig = await HttpRig.start({ dispatch: asking(1) });
  const { messages } = await rig.post(legacy('tools/call', 1), await rig.initialize());
  expect(messages[0]?.['result']).toMatchObject({
    isError: true,
    content: [{ type: 'text', text: expect.stringContaining('The client cannot be asked elicitation/create') }],
  });
  expect(rig.host.seen).toHaveLength(1);
});

test('for what is no tool the refusal is an error', async () => {
  await using rig = await HttpRig.start({ dispatch: asking(1) });
  const { status, messages } = await rig.post(legacy('prompts/get', 1, { name: 'p' }), await rig.initialize());
  expect(status).toBe(200);
  expect(messages[0]).toMatchObject({ id: 1, error: { data: { code: 'CLIENT_CANNOT_BE_ASKED' } } });
});

test('a client that answers with an error ends the rounds', async () => {
  await using rig = await HttpRig.start({ dispatch: asking(1) });
  const session = await rig.initialize({ elicitation: {} });
  const stream = await rig.stream('POST', legacy('tools/call', 1), session);
  const { id } = await stream.event(0);
  await rig.post({ jsonrpc: '2.0', id: id!, error: { code: -1, message: 'x' } }, session);
  expect(await stream.event(1)).toMatchObject({ id: 1, result: { isError: true } });
});

test('a question that fails withdraws the others of its round', async () => {
  const inputRequests = { name: form, place: { method: 'roots/list' } };
  await using rig = await HttpRig.start({ dispatch: asking(1, inputRequests) });
  const session = await rig.initialize({ elicitation: {}, roots: {} });
  const stream = await rig.stream('POST', legacy('tools/call', 1), session);
  const [first, second] = [await stream.event(0), await stream.event(1)];
  await rig.post({ jsonrpc: '2.0', id: first['id']!, error: { code: -1, message: 'x' } }, session);
  const rest = [await stream.event(2), await stream.event(3)];
  expect(rest).toContainEqual({
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId: second['id'] },
  });
  expect(rest).toContainEqual(expect.objectContaining({ id: 1, result: expect.objectContaining({ isError: true }) }));
});

test('a person has five minutes to answer', async () => {
  await using rig = await HttpRig.start({ dispatch: asking(1) });
  const session = await rig.initialize({ elicitation: {} });
  const stream = await rig.stream('POST', legacy('tools/call', 1), session);
  await stream.event(0);
  await rig.clock.pass(300_000);
  expect(await stream.event(1)).toMatchObject({ method: 'notifications/cancelled' });
  expect(await stream.event(2)).toMatchObject({
    id: 1,
    result: { isError: true, content: [{ text: expect.stringContaining('did not answer') as string }] },
  });
});

test('cancelling the request withdraws its questions and ends the request to the server', async () => {
  const asked = asking(1);
  const aborted = Promise.withResolvers<unknown>();
  await using rig = await HttpRig.start({
    dispatch: (exchange) => {
      if (exchange.request.params['inputResponses'] === undefined) return asked(exchange);
      return new Promise((_, reject) => {
        exchange.signal.addEventListener('abort', () => {
          aborted.resolve(exchange.signal.reason);
          reject(exchange.signal.reason);
        });
      });
    },
  });
  const session = await rig.initialize({ elicitation: {} });
  const stream = await rig.stream('POST', legacy('tools/call', 1), session);
  const dispatched = rig.host.nextDispatch();
  await rig.post({ jsonrpc: '2.0', id: (await stream.event(0))['id']!, result: { action: 'accept' } }, session);
  await dispatched;
  await rig.post(notification('notifications/cancelled', { requestId: 1 }), session);
  expect(await aborted.promise).toMatchObject({ code: 'CLIENT_CANCELLED' });
});

test('a question that is none is refused, not passed on', async () => {
  await using rig = await HttpRig.start({ dispatch: asking(1, { bad: 'question' }) });
  const { messages } = await rig.post(legacy('tools/call', 1), await rig.initialize({ elicitation: {} }));
  expect(messages[0]?.['result']).toMatchObject({ isError: true });
});

test('a question by URL gets the id that the legacy era knows it by', async () => {
  const url = { method: 'elicitation/create', params: { mode: 'url', url: 'https://example.com', message: 'Go' } };
  await using rig = await HttpRig.start({ dispatch: asking(1, { go: url }) });
  const session = await rig.initialize({ elicitation: { url: {} } });
  const stream = await rig.stream('POST', legacy('tools/call', 1), session);
  expect(await stream.event(0)).toMatchObject({ params: { mode: 'url', elicitationId: expect.any(String) } });
});

test('a result of a modern server comes in the legacy form', async () => {
  const tools = [{ name: 't', inputSchema: { type: 'object' }, outputSchema: { type: 'array' } }];
  await using rig = await HttpRig.start({
    dispatch: () => result({ resultType: 'complete', tools, ttlMs: 5, cacheScope: 'public' }, 'modern'),
  });
  const { messages } = await rig.post(legacy('tools/list', 1), await rig.initialize());
  expect(messages[0]?.['result']).toEqual({
    tools: [
      {
        ...tools[0],
        outputSchema: { type: 'object', properties: { result: { type: 'array' } }, required: ['result'] },
      },
    ],
  });
});

test('a result that no legacy revision has a place for is an error that can be read', async () => {
  await using rig = await HttpRig.start({ dispatch: () => result({ resultType: 'task', taskId: 't' }, 'modern') });
  const { messages } = await rig.post(legacy('tools/call', 1), await rig.initialize());
  expect(messages[0]?.['result']).toMatchObject({ isError: true });
  expect(JSON.stringify(messages)).not.toContain('taskId');
});

test('a legacy client cannot make up what a modern server gave out', async () => {
  const made = { name: 't', requestState: 'made up', inputResponses: { name: { action: 'accept' } } };
  await using rig = await HttpRig.start({ dispatch: asking(0) });
  const { messages } = await rig.post(legacy('tools/call', 1, made), await rig.initialize());
  expect(messages[0]?.['result']).toMatchObject({ content: [], told: {} });
  expect(rig.host.seen.map(({ request }) => request.params)).toEqual([{ name: 't' }]);
});

import { describe, expect, test } from 'vitest';
import { Payload } from '@hostler/kernel';
import type { ClientAnswer, JsonObject, Outcome } from '@hostler/kernel';
import { answersTo, ask, asking, call, capabilities, form, keysOf, outcomeOf } from './support/asking-host.ts';
import { questionsOf, REFUSAL, refusalOf, resultOf, retry } from './support/asking-host.ts';
import { failure, result } from './support/fake-host.ts';
import { HttpRig } from './support/http-rig.ts';
import { modern, modernHeaders } from './support/messages.ts';

const roots = { method: 'roots/list', params: {} };
const sampling = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } };
const url = { mode: 'url', message: 'Go', url: 'https://example.com/', elicitationId: 'e1' };
const accepted = { action: 'accept', content: { name: 'Ada' } };

describe('a question of a legacy server to a modern client', () => {
  test('is the answer to its request, and the next request with an answer goes on with the same call', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form]) });
    const first = await ask(rig, call({ id: 7 }));
    expect(first.status).toBe(200);
    expect(first.messages[0]).toEqual({
      jsonrpc: '2.0',
      id: 7,
      result: {
        resultType: 'input_required',
        inputRequests: { 'elicitation-1': form },
        requestState: expect.stringMatching(/^[\w-]{70,}$/),
        _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'fake', version: '1.2.3' } },
      },
    });
    const second = await rig.postModern(retry(first, { 'elicitation-1': accepted }, { id: 8 }));
    expect(second.messages[0]).toMatchObject({ id: 8, result: { resultType: 'complete', heard: [accepted] } });
    expect(rig.host.seen).toHaveLength(1);
    expect(rig.host.seen[0]?.signal.aborted).toBe(false);
  });

  test('comes with all that are asked at once, and a page to visit without the id that only its era knows', async () => {
    const page = { method: 'elicitation/create', params: url };
    await using rig = await HttpRig.start({ dispatch: asking([form, sampling, roots, page]) });
    const first = await ask(rig, call());
    const { elicitationId: _id, ...params } = url;
    expect(questionsOf(first)).toEqual({
      'elicitation-1': form,
      'sampling-2': sampling,
      'roots-3': roots,
      'elicitation-4': { method: 'elicitation/create', params },
    });
    const second = await rig.postModern(retry(first, answersTo(first)));
    expect(resultOf(second)['heard']).toHaveLength(4);
  });

  test('may follow another, up to eight rounds; then the server is told that nobody can be asked', async () => {
    await using rig = await HttpRig.start({ dispatch: asking(...Array.from({ length: 9 }, () => [form])) });
    let answer = await ask(rig, call());
    const states = new Set<unknown>();
    for (let round = 1; round <= 8; round++) {
      states.add(resultOf(answer)['requestState']);
      answer = await ask(rig, retry(answer, answersTo(answer)));
    }
    expect(states.size).toBe(8);
    const heard = resultOf(answer)['heard'] as JsonObject[];
    expect(heard.slice(0, 8).map(({ content }) => (content as JsonObject)['key'])).toEqual(
      Array.from({ length: 8 }, (_, index) => `elicitation-${index + 1}`),
    );
    expect(heard[8]).toBe('CLIENT_CANNOT_BE_ASKED');
  });

  test('that is not answered is asked again under another state; what was answered is kept, the rest ignored', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form, roots]) });
    const first = await ask(rig, call());
    const answers = { 'elicitation-1': accepted, 'roots-2': 7, 'roots-3': {}, other: { x: 1 } };
    const second = await ask(rig, retry(first, answers));
    expect(keysOf(second)).toEqual(['roots-2']);
    expect(resultOf(second)['requestState']).not.toBe(resultOf(first)['requestState']);
    const third = await ask(rig, retry(second, {}));
    expect(keysOf(third)).toEqual(['roots-2']);
    const last = await rig.postModern(retry(third, { 'roots-2': { roots: [] } }));
    expect(resultOf(last)['heard']).toEqual([accepted, { roots: [] }]);
  });

  test('that comes while the client is away is asked in the next round', async () => {
    let asked: Promise<unknown> | undefined;
    await using rig = await HttpRig.start({
      dispatch: async (exchange) => {
        const first = await outcomeOf(exchange.ask(form));
        return result({ heard: [first, await asked] } as unknown as JsonObject, 'legacy');
      },
    });
    const first = await ask(rig, call());
    asked = outcomeOf(rig.host.seen[0]!.ask(roots));
    const second = await ask(rig, retry(first, answersTo(first)));
    expect(keysOf(second)).toEqual(['roots-2']);
    expect(resultOf(await rig.postModern(retry(second, answersTo(second))))['heard']).toHaveLength(2);
  });

  test.each([
    ['of a kind that the request does not declare', roots, { elicitation: {} }],
    ['by URL, when only forms are declared', { method: 'elicitation/create', params: url }, { elicitation: {} }],
    ['of an unknown kind', { method: 'made/up', params: {} }, capabilities],
  ])('%s is refused, and the call goes on', async (_, question, declared) => {
    await using rig = await HttpRig.start({ dispatch: asking([question]) });
    const answer = await rig.postModern(call({ capabilities: declared }));
    expect(resultOf(answer)['heard']).toEqual(['CLIENT_CANNOT_BE_ASKED']);
  });

  test('of a kind that the next request no longer declares is refused', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form, roots]) });
    const first = await ask(rig, call());
    const answer = await ask(rig, retry(first, { 'elicitation-1': accepted }, { capabilities: { elicitation: {} } }));
    expect(resultOf(answer)['heard']).toEqual([accepted, 'CLIENT_CANNOT_BE_ASKED']);
  });

  test('is refused in requests that cannot be answered so', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form]) });
    const answer = await rig.postModern(modern('tools/list', { capabilities }));
    expect(resultOf(answer)['heard']).toEqual(['CLIENT_CANNOT_BE_ASKED']);
  });

  test('that the server withdraws is not asked any more, and an answer to it is ignored', async () => {
    const withdrawal = new AbortController();
    await using rig = await HttpRig.start({
      dispatch: async (exchange) => {
        const both = [exchange.ask(form, withdrawal.signal), exchange.ask(roots)].map(outcomeOf);
        return result({ heard: await Promise.all(both) } as unknown as JsonObject, 'legacy');
      },
    });
    const first = await ask(rig, call());
    withdrawal.abort(new Error('withdrawn'));
    const second = await ask(rig, retry(first, { 'elicitation-1': accepted }));
    expect(keysOf(second)).toEqual(['roots-2']);
    const last = await rig.postModern(retry(second, { 'roots-2': { roots: [] } }));
    expect(resultOf(last)['heard']).toEqual(['withdrawn', { roots: [] }]);
  });

  test('works for prompts and resources, and on stdio words too: nothing but the request tells', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form]) });
    for (const [method, params] of [
      ['prompts/get', { name: 'p' }],
      ['resources/read', { uri: 'a:b' }],
    ] as const) {
      const first = await ask(rig, modern(method, { params, capabilities }));
      const requestState = resultOf(first)['requestState']!;
      const inputResponses = answersTo(first);
      const last = await rig.postModern(
        modern(method, { params: { ...params, requestState, inputResponses }, capabilities }),
      );
      expect(resultOf(last)['heard']).toHaveLength(1);
    }
  });
});

describe('while the client of a parked call is away', () => {
  const progress = (value: number) => ({
    method: 'notifications/progress',
    params: { progressToken: 'one', progress: value },
  });
  const message = (level: string) => ({ method: 'notifications/message', params: { level, data: level } });

  async function parked(rig: HttpRig, params: JsonObject = { _meta: { progressToken: 'one' } }) {
    const first = await ask(rig, call({ params }));
    return { first, exchange: rig.host.seen.at(-1)! };
  }

  test('what the server says is kept for it, told before the result and under its new token', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form]) });
    const { first, exchange } = await parked(rig);
    for (const value of [1, 2, 3]) exchange.notify(progress(value));
    exchange.notify(message('error'));
    const again = retry(first, answersTo(first), { params: { _meta: { progressToken: 'two' } } });
    const { messages } = await rig.postModern(again);
    expect(messages.slice(0, -1)).toMatchObject([
      { method: 'notifications/progress', params: { progress: 3, progressToken: 'two' } },
    ]);
    expect(messages).toHaveLength(2);
  });

  test('progress is not told to a request that wants none, logs only to one that asks for them', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form]) });
    const { first, exchange } = await parked(rig);
    exchange.notify(progress(1));
    for (const level of ['debug', 'error']) exchange.notify(message(level));
    const requestState = resultOf(first)['requestState']!;
    const params = { name: 't', arguments: { a: 1 }, requestState, inputResponses: answersTo(first) };
    const { messages } = await rig.postModern(modern('tools/call', { params, capabilities, logLevel: 'error' }));
    expect(messages.slice(0, -1)).toMatchObject([{ method: 'notifications/message', params: { level: 'error' } }]);
  });

  test('a call that ends keeps its result', async () => {
    let end: (outcome: Outcome) => void = () => {};
    await using rig = await HttpRig.start({
      dispatch: (exchange) => {
        void outcomeOf(exchange.ask(form));
        return new Promise((resolve) => (end = resolve));
      },
    });
    const { first } = await parked(rig);
    end(result({ late: true }, 'legacy'));
    expect(resultOf(await rig.postModern(retry(first, {})))).toMatchObject({ late: true });
    expect(await refusalOf(rig, retry(first, {}))).toBe(REFUSAL);
  });

  test('a result that is too large to be kept is given up, and its state refused', async () => {
    let end: (outcome: Outcome) => void = () => {};
    await using rig = await HttpRig.start({
      limits: { parkedBytesPerConsumer: 10_000 },
      dispatch: (exchange) => {
        void outcomeOf(exchange.ask(form));
        return new Promise((resolve) => (end = resolve));
      },
    });
    const { first } = await parked(rig);
    end({ kind: 'result', era: 'legacy', payload: Payload.of({ big: 'x'.repeat(10_000) }) });
    await new Promise((resolve) => setImmediate(resolve));
    expect(await refusalOf(rig, retry(first, {}))).toBe(REFUSAL);
  });

  test('the call does not end with its connection, but does when the client goes away from the request that goes on', async () => {
    const again = Promise.withResolvers<void>();
    await using rig = await HttpRig.start({
      dispatch: async (exchange) => {
        await outcomeOf(exchange.ask(form));
        again.resolve();
        return new Promise((_, reject) =>
          exchange.signal.addEventListener('abort', () => reject(exchange.signal.reason)),
        );
      },
    });
    const { first, exchange } = await parked(rig);
    expect(exchange.signal.aborted).toBe(false);
    const aborted = new Promise((resolve) => exchange.signal.addEventListener('abort', resolve));
    const body = retry(first, answersTo(first));
    const request = rig.open('POST', { 'content-type': 'application/json', ...modernHeaders(body) });
    request.on('error', () => {});
    request.end(JSON.stringify(body));
    await again.promise;
    expect(exchange.signal.aborted).toBe(false);
    request.destroy();
    await aborted;
    expect(exchange.signal.reason).toMatchObject({ code: 'CLIENT_GONE' });
  });

  test('its time runs out: the server is told that nobody answers, then the call is cancelled', async () => {
    let heard: unknown;
    await using rig = await HttpRig.start({
      dispatch: async (exchange) => {
        heard = await outcomeOf(exchange.ask(form));
        return new Promise((_, reject) =>
          exchange.signal.addEventListener('abort', () => reject(exchange.signal.reason)),
        );
      },
    });
    const { first, exchange } = await parked(rig);
    await rig.clock.pass(599_000);
    expect(heard).toBeUndefined();
    await rig.clock.pass(1_000);
    expect(heard).toBe('CLIENT_DID_NOT_COME_BACK');
    expect(exchange.signal.aborted).toBe(false);
    expect(await refusalOf(rig, retry(first, {}))).toBe(REFUSAL);
    await rig.clock.pass(1_000);
    expect(exchange.signal.reason).toMatchObject({ code: 'CLIENT_DID_NOT_COME_BACK' });
    await expect(exchange.ask(form)).rejects.toMatchObject({ code: 'CLIENT_GONE' });
  });

  test('the host closes: the call ends at once', async () => {
    let heard: unknown;
    const rig = await HttpRig.start({
      dispatch: async (exchange) => {
        heard = await outcomeOf(exchange.ask(form));
        return new Promise((_, reject) =>
          exchange.signal.addEventListener('abort', () => reject(exchange.signal.reason)),
        );
      },
    });
    const { exchange } = await parked(rig);
    await rig.endpoint.close(60_000);
    expect(exchange.signal.reason).toMatchObject({ code: 'HTTP_SHUTTING_DOWN' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toBe('HTTP_SHUTTING_DOWN');
    await rig[Symbol.asyncDispose]();
  });

  test('a call that asks while the host closes is told that nobody can be asked', async () => {
    const go = Promise.withResolvers<void>();
    await using rig = await HttpRig.start({
      dispatch: async (exchange) => {
        await go.promise;
        return asking([form])(exchange);
      },
    });
    const dispatched = rig.host.nextDispatch();
    const answer = ask(rig, call());
    await dispatched;
    const closed = rig.endpoint.close(60_000);
    go.resolve();
    expect(resultOf(await answer)['heard']).toEqual(['CLIENT_CANNOT_BE_ASKED']);
    await closed;
  });
});

describe('the bounds on parked calls', () => {
  test('a consumer has so many, and another its own; a call beyond is told that nobody can be asked', async () => {
    await using rig = await HttpRig.start({
      limits: { parkedCallsPerConsumer: 2, parkedCalls: 3 },
      dispatch: asking([form]),
    });
    const [first] = [await ask(rig, call()), await ask(rig, call())];
    expect(resultOf(await ask(rig, call()))['heard']).toEqual(['CLIENT_CANNOT_BE_ASKED']);
    rig.caller = { ...rig.caller, consumer: { name: 'bob' } };
    expect(keysOf(await ask(rig, call()))).toHaveLength(1);
    expect(resultOf(await ask(rig, call()))['heard']).toEqual(['CLIENT_CANNOT_BE_ASKED']);
    rig.caller = { ...rig.caller, consumer: { name: 'alice' } };
    expect(resultOf(await rig.postModern(retry(first!, answersTo(first!))))['heard']).toHaveLength(1);
    expect(keysOf(await ask(rig, call()))).toHaveLength(1);
  });

  test('questions of one consumer may hold so many bytes, and of one call so many may be open', async () => {
    const large = { method: 'sampling/createMessage', params: { text: 'x'.repeat(6_000) } };
    await using rig = await HttpRig.start({
      limits: { parkedBytesPerConsumer: 10_000, questionsPerSession: 2 },
      dispatch: asking([large, large, form], [form, form, form]),
    });
    const first = await ask(rig, call());
    expect(keysOf(first)).toEqual(['sampling-1', 'elicitation-2']);
    const second = await ask(rig, retry(first, answersTo(first)));
    expect(keysOf(second)).toHaveLength(2);
    const heard = resultOf(await rig.postModern(retry(second, answersTo(second))))['heard'] as unknown[];
    expect([heard[1], heard[5]]).toEqual(['CLIENT_CANNOT_BE_ASKED', 'CLIENT_CANNOT_BE_ASKED']);
  });

  test('no timer is left when a call is over', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form]) });
    const idle = rig.clock.waiting;
    const first = await ask(rig, call());
    await rig.postModern(retry(first, answersTo(first)));
    rig.clock.advance(1_000);
    expect(rig.clock.waiting).toBeLessThanOrEqual(idle + 1);
  });
});

describe('the error with which a legacy server sends its client to a page', () => {
  const error = { code: -32042, message: 'Sign in first', data: { elicitations: [url] } };

  test('becomes a question by URL, and the next request is a new call', async () => {
    let calls = 0;
    await using rig = await HttpRig.start({
      dispatch: () => (calls++ === 0 ? failure(error, 'legacy') : result({ done: true }, 'legacy')),
    });
    const first = await rig.postModern(call());
    const { elicitationId: _id, ...params } = url;
    expect(resultOf(first)).toEqual({
      resultType: 'input_required',
      inputRequests: { 'elicitation-1': { method: 'elicitation/create', params } },
    });
    const inputResponses = { 'elicitation-1': { action: 'accept' } };
    expect(resultOf(await rig.postModern(call({ params: { inputResponses } })))).toMatchObject({ done: true });
  });

  test('tells a client that visits no pages which capability it lacks', async () => {
    await using rig = await HttpRig.start({ dispatch: () => failure(error, 'legacy') });
    const { status, messages } = await rig.postModern(call({ capabilities: { elicitation: {} } }));
    expect(status).toBe(400);
    expect(messages[0]?.['error']).toEqual({
      code: -32021,
      message: 'Sign in first',
      data: { requiredCapabilities: { elicitation: { url: {} } } },
    });
  });

  test.each([
    ['without pages', call(), { ...error, data: {} }],
    ['for a request that cannot be answered so', modern('tools/list', { capabilities }), error],
  ])('is a plain error %s', async (_, message, broken) => {
    await using rig = await HttpRig.start({ dispatch: () => failure(broken, 'legacy') });
    expect((await rig.postModern(message)).messages[0]?.['error']).toMatchObject({
      code: -32603,
      message: 'Sign in first',
    });
  });
});

test('that a page was visited is not told: the modern era has no such message', async () => {
  await using rig = await HttpRig.start({
    dispatch: (exchange) => {
      exchange.notify({ method: 'notifications/elicitation/complete', params: { elicitationId: 'e1' } });
      return result({}, 'legacy');
    },
  });
  expect((await rig.postModern(call())).messages).toHaveLength(1);
  expect((await rig.postModern(call({ capabilities: {} }))).messages).toHaveLength(1);
});

test('a call that was cancelled before it asked tells the server so', async () => {
  const asked = Promise.withResolvers<ClientAnswer>();
  await using rig = await HttpRig.start({
    dispatch: (exchange) =>
      new Promise((_, reject) => {
        exchange.signal.addEventListener('abort', () => {
          exchange.ask(form).then(asked.resolve, asked.reject);
          reject(exchange.signal.reason);
        });
      }),
  });
  const dispatched = rig.host.nextDispatch();
  const body = call();
  const request = rig.open('POST', { 'content-type': 'application/json', ...modernHeaders(body) });
  request.on('error', () => {});
  request.end(JSON.stringify(body));
  await dispatched;
  request.destroy();
  await expect(asked.promise).rejects.toMatchObject({ code: 'CLIENT_GONE' });
});

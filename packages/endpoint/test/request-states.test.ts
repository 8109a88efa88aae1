import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Payload } from '@hostler/kernel';
import type { Exchange, JsonObject, Outcome } from '@hostler/kernel';
import { answersTo, ask, asking, call, form, REFUSAL, refusalOf, resultOf, retry } from './support/asking-host.ts';
import { result } from './support/fake-host.ts';
import { HttpRig } from './support/http-rig.ts';
import { modern } from './support/messages.ts';

const accepted = { action: 'accept', content: { name: 'Ada' } };

describe('a requestState that is not accepted', () => {
  test('10,000 random, altered, stolen and replayed ones: one and the same refusal, and the call waits for its owner', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form], [form]) });
    const first = await ask(rig, call());
    const used = resultOf(first)['requestState'] as string;
    const second = await ask(rig, retry(first, answersTo(first)));
    const state = resultOf(second)['requestState'] as string;
    const bytes = Buffer.from(state, 'base64url');
    const alter = (index: number): string => {
      const altered = Buffer.from(bytes);
      altered[index % bytes.length] = altered[index % bytes.length]! ^ (1 + (index % 255));
      return altered.toString('base64url');
    };
    const alice = rig.caller;
    const refused = (requestState: unknown, params: JsonObject = {}) =>
      refusalOf(
        rig,
        call({ params: { ...params, requestState: requestState as string, inputResponses: answersTo(second) } }),
      );
    const refusals = new Map<string, number>();
    for (let index = 0; index < 10_000; index += 8) {
      const guesses = [
        refused(randomBytes(bytes.length).toString('base64url')),
        refused(alter(index)),
        refused(state.slice(0, index % state.length)),
        refused(`${state}${'A'.repeat(1 + (index % 40))}`),
        refused(used),
        refused(state, { arguments: { a: 2 + index } }),
        refused(randomBytes(index % 12_000).toString('base64url')),
        refused(index % 2 ? index : null),
      ];
      // oxlint-disable-next-line no-await-in-loop -- a few at a time
      for (const text of await Promise.all(guesses)) refusals.set(text, (refusals.get(text) ?? 0) + 1);
    }
    expect([...refusals]).toEqual([[REFUSAL, 10_000]]);
    for (const thief of [
      { ...alice, consumer: { name: 'mallory' } },
      { ...alice, scope: { kind: 'server', name: 's' } as const },
    ]) {
      rig.caller = thief;
      // oxlint-disable-next-line no-await-in-loop -- one thief after the other
      expect(await refused(state)).toBe(REFUSAL);
    }
    rig.caller = alice;
    expect(rig.host.seen).toHaveLength(1);
    expect(resultOf(await rig.postModern(retry(second, answersTo(second))))['heard']).toHaveLength(2);
  }, 300_000);

  test('of another process, or of a host that was started anew, is refused and nothing runs', async () => {
    await using one = await HttpRig.start({ dispatch: asking([form]) });
    await using other = await HttpRig.start({ dispatch: asking([form]) });
    const first = await ask(one, call());
    expect(await refusalOf(other, retry(first, answersTo(first)))).toBe(REFUSAL);
    expect(other.host.seen).toHaveLength(0);
  });

  test('two requests with one state: one goes on, the other is refused', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form]) });
    const first = await ask(rig, call());
    const body = retry(first, answersTo(first));
    const answers = await Promise.all([rig.postModern(body), rig.postModern(body)]);
    expect(answers.filter(({ messages }) => messages[0]?.['result'] !== undefined)).toHaveLength(1);
    expect(rig.host.seen).toHaveLength(1);
  });

  test('reading is refused too, but cannot have had an effect', async () => {
    await using rig = await HttpRig.start();
    const message = modern('resources/read', { params: { uri: 'a:b', requestState: 'x' } });
    expect(await refusalOf(rig, message)).toContain('"mayHaveRun":false');
    expect(rig.host.seen).toHaveLength(0);
  });
});

describe('the requestState of a modern server', () => {
  const question = { name: form as unknown as JsonObject };
  const server = (exchange: Exchange): Outcome => {
    const { requestState, inputResponses } = exchange.request.params;
    if (requestState !== undefined) {
      return result({ resultType: 'complete', got: { requestState, inputResponses } as JsonObject }, 'modern');
    }
    const text = '{"resultType":"input_required","inputRequests":{},"big":12345678901234567890,"requestState":"täst"}';
    return { kind: 'result', era: 'modern', payload: Payload.ofBytes(Buffer.from(text)) };
  };

  test('reaches the client sealed, and the server as it was', async () => {
    await using rig = await HttpRig.start({ dispatch: server });
    const first = await rig.postModern(call());
    expect(first.text).toContain('"big":12345678901234567890');
    expect(first.text).not.toContain('täst');
    const second = await rig.postModern(retry(first, { x: accepted }));
    expect(resultOf(second)['got']).toEqual({ requestState: 'täst', inputResponses: { x: accepted } });
    expect(rig.host.seen.map(({ request }) => request.params['arguments'])).toEqual([{ a: 1 }, { a: 1 }]);
  });

  test('is good once, for its consumer, scope and request, and for ten minutes', async () => {
    await using rig = await HttpRig.start({ dispatch: server });
    const alice = rig.caller;
    const first = await rig.postModern(call());
    expect(await refusalOf(rig, retry(first, {}, { params: { name: 'u' } }))).toBe(REFUSAL);
    rig.caller = { ...alice, consumer: { name: 'bob' } };
    expect(await refusalOf(rig, retry(first, {}))).toBe(REFUSAL);
    rig.caller = alice;
    expect(resultOf(await rig.postModern(retry(first, {})))['got']).toMatchObject({ requestState: 'täst' });
    expect(await refusalOf(rig, retry(first, {}))).toBe(REFUSAL);
    const late = await rig.postModern(call());
    rig.clock.advance(600_000);
    expect(await refusalOf(rig, retry(late, {}))).toBe(REFUSAL);
    expect(rig.host.seen).toHaveLength(3);
  });

  test('is forgotten when the same consumer makes it get too many others', async () => {
    await using rig = await HttpRig.start({ limits: { inputStatesPerConsumer: 2 }, dispatch: server });
    const [first, second] = [await rig.postModern(call()), await rig.postModern(call()), await rig.postModern(call())];
    expect(await refusalOf(rig, retry(first!, {}))).toBe(REFUSAL);
    expect(resultOf(await rig.postModern(retry(second!, {})))['got']).toBeDefined();
  });

  test('that is too large fails the call, and says whose fault it is', async () => {
    await using rig = await HttpRig.start({
      dispatch: () => result({ resultType: 'input_required', requestState: 'x'.repeat(9_000) }, 'modern'),
    });
    const { messages } = await rig.postModern(call());
    expect(messages[0]).toMatchObject({
      error: { code: -32018, data: { code: 'PROTOCOL_STATE_TOO_LARGE', mayHaveRun: true } },
    });
  });

  test('that is absent leaves the result, and the answers that come back, as they are', async () => {
    const bytes = Buffer.from(JSON.stringify({ resultType: 'input_required', inputRequests: question }));
    await using rig = await HttpRig.start({
      dispatch: ({ request }) =>
        request.params['inputResponses'] === undefined
          ? { kind: 'result', era: 'modern', payload: Payload.ofBytes(bytes) }
          : result({ resultType: 'complete', got: request.params['inputResponses'] }, 'modern'),
    });
    const first = await rig.postModern(call());
    expect(first.text).toBe(`{"jsonrpc":"2.0","id":1,"result":${bytes.toString()}}`);
    const second = await rig.postModern(call({ params: { inputResponses: { name: accepted } } }));
    expect(resultOf(second)['got']).toEqual({ name: accepted });
  });

  test('that only the text of a result names is no concern of ours', async () => {
    const text = { resultType: 'complete', content: [], note: '"input_required"', requestState: 'mine' };
    await using rig = await HttpRig.start({ dispatch: () => result(text, 'modern') });
    expect(resultOf(await rig.postModern(call()))).toEqual(text);
  });
});

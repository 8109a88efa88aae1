import { expect, test } from 'vitest';
import type { JsonObject } from '@hostler/kernel';
import { asking, call, form, outcomeOf } from '../../test/support/asking-host.ts';
import { StdioRig } from '../../test/support/stdio-rig.ts';

/** Lets the time pass in which questions are gathered. */
async function gather(rig: StdioRig): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    // oxlint-disable-next-line no-await-in-loop -- promises need their turns
    await new Promise((resolve) => setImmediate(resolve));
    rig.clock.advance(10);
  }
}

async function parked(rig: StdioRig): Promise<JsonObject> {
  rig.say(call({ id: 1 }));
  await gather(rig);
  const { id, result } = await rig.message(0);
  expect(id).toBe(1);
  return result as JsonObject;
}

test('a modern client on stdio is asked between two requests', async () => {
  const rig = new StdioRig({ dispatch: asking([form]) }).listen();
  const { inputRequests, requestState } = await parked(rig);
  expect(inputRequests).toEqual({ 'elicitation-1': form });
  const inputResponses = { 'elicitation-1': { action: 'accept' } };
  rig.say(call({ id: 2, params: { requestState: requestState!, inputResponses } }));
  expect(await rig.message(1)).toMatchObject({ id: 2, result: { heard: [{ action: 'accept' }] } });
  expect(rig.host.seen).toHaveLength(1);
});

test('a request that was answered with a question cannot be cancelled any more, the one that goes on can', async () => {
  const rig = new StdioRig({
    dispatch: async (exchange) => {
      await outcomeOf(exchange.ask(form));
      return new Promise((_, reject) =>
        exchange.signal.addEventListener('abort', () => reject(exchange.signal.reason)),
      );
    },
  }).listen();
  const { requestState } = await parked(rig);
  const { signal } = rig.host.seen[0]!;
  rig.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  rig.say(call({ id: 2, params: { requestState: requestState!, inputResponses: { 'elicitation-1': {} } } }));
  await gather(rig);
  expect(signal.aborted).toBe(false);
  rig.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } });
  await gather(rig);
  expect(signal.reason).toMatchObject({ code: 'CLIENT_CANCELLED' });
});

test('the end of the input ends the calls that wait', async () => {
  const rig = new StdioRig({ dispatch: asking([form]) }).listen();
  await parked(rig);
  rig.input.end();
  await rig.endpoint.done;
  expect(rig.host.seen[0]?.signal.reason).toMatchObject({ code: 'CLIENT_GONE' });
  expect(rig.clock.waiting).toBe(0);
});

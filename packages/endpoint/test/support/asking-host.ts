import type { ClientAnswer, ClientRequest, Exchange, JsonObject, Outcome } from '@hostler/kernel';
import { result } from './fake-host.ts';
import type { HttpAnswer, HttpRig } from './http-rig.ts';
import { modern } from './messages.ts';

export const form: ClientRequest = { method: 'elicitation/create', params: { message: 'Name?', requestedSchema: {} } };
export const capabilities: JsonObject = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

/** What a question came to: the client's answer, or the code of the error. */
export async function outcomeOf(asked: Promise<ClientAnswer>): Promise<unknown> {
  try {
    const answer = await asked;
    return answer.kind === 'result' ? answer.result : answer.error;
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? (thrown as Error).message;
  }
}

/** A legacy server that asks these questions, each batch at once, and tells in its result what it heard. */
export function asking(...batches: readonly (readonly ClientRequest[])[]) {
  return async (exchange: Exchange): Promise<Outcome> => {
    const heard: unknown[] = [];
    for (const batch of batches) {
      // oxlint-disable-next-line no-await-in-loop -- each batch comes after the answers to the one before
      heard.push(...(await Promise.all(batch.map((question) => outcomeOf(exchange.ask(question))))));
    }
    return result({ heard } as unknown as JsonObject, 'legacy');
  };
}

export interface CallOptions {
  readonly id?: number;
  readonly params?: JsonObject;
  readonly capabilities?: JsonObject;
}

export function call(options: CallOptions = {}): JsonObject {
  const { id = 1, params = {} } = options;
  return modern('tools/call', {
    id,
    params: { name: 't', arguments: { a: 1 }, ...params },
    capabilities: options.capabilities ?? capabilities,
  });
}

/** Sends a request and lets the time pass in which questions are gathered. */
export async function ask(rig: HttpRig, message: JsonObject): Promise<HttpAnswer> {
  const arrived = rig.nextRequest();
  const answer = rig.postModern(message);
  const response = await arrived;
  // No longer: what sockets take would count for the bounds of the server.
  while (!response.writableFinished && !response.destroyed) {
    // oxlint-disable-next-line no-await-in-loop -- the sockets need their turns
    await new Promise((resolve) => setImmediate(resolve));
    rig.clock.advance(1);
  }
  return answer;
}

/** The result of the answer, which must be one. */
export function resultOf({ messages, text }: HttpAnswer): JsonObject {
  const value = messages.at(-1)?.['result'];
  if (value === undefined) throw new Error(`no result: ${text}`);
  return value as JsonObject;
}

export function questionsOf(answer: HttpAnswer): JsonObject {
  return resultOf(answer)['inputRequests'] as JsonObject;
}

export function keysOf(answer: HttpAnswer): string[] {
  return Object.keys(questionsOf(answer));
}

/** The request that brings answers to the questions of this answer. */
export function retry(answer: HttpAnswer, answers: JsonObject, options: CallOptions = {}): JsonObject {
  const requestState = resultOf(answer)['requestState']!;
  return call({ id: 2, ...options, params: { ...options.params, inputResponses: answers, requestState } });
}

/** Every question answered with `accept` and its own key. */
export function answersTo(answer: HttpAnswer): JsonObject {
  return Object.fromEntries(keysOf(answer).map((key) => [key, { action: 'accept', content: { key } }]));
}

/** Every refusal of a `requestState`, as text. */
export const REFUSAL = JSON.stringify({
  code: -32602,
  message:
    'This requestState is not accepted: it was not given out for this request, was used before, or is too old. Look ' +
    'whether the first request took effect, then send it anew, without requestState and inputResponses.',
  data: { mayHaveRun: true, code: 'PROTOCOL_STATE_REFUSED' },
});

/** The error as text, without the id that each request has. */
export async function refusalOf(rig: HttpRig, message: JsonObject): Promise<string> {
  const { messages, status } = await rig.postModern(message);
  if (status !== 200) throw new Error(`status ${status}`);
  const { data, ...error } = messages[0]!['error'] as JsonObject;
  const { requestId: _id, ...others } = data as JsonObject;
  return JSON.stringify({ ...error, data: others });
}

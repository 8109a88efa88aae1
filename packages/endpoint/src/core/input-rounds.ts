import { randomUUID } from 'node:crypto';
import { isHostlerError, isJsonObject, Payload } from '@hostler/kernel';
import type { ClientRequest, Exchange, Json, JsonObject, Outcome } from '@hostler/kernel';
import { RoutedExchange } from '@hostler/host';
import { resultTypeOf } from '@hostler/protocol';
import { clientErrors } from '../client-errors.ts';

export interface InputRoundsOptions {
  readonly maxRounds: number;
  readonly dispatch: (exchange: Exchange) => Promise<Outcome>;
}

/**
 * Brings a modern server's `input_required` to a legacy client as questions, and its answers back, until the request is
 * complete. Source: MCP 2026-07-28, basic/patterns/mrtr.
 * @returns the outcome that is no `input_required`; a refusal that the model can read when the client cannot be asked
 */
export async function completeInputs(
  exchange: Exchange,
  first: Outcome,
  { maxRounds, dispatch }: InputRoundsOptions,
): Promise<Outcome> {
  let outcome = first;
  for (let round = 1; isPending(outcome); round++) {
    if (round > maxRounds) return refuse(exchange, `The server asked more than ${maxRounds} times.`);
    const { inputRequests, requestState } = outcome.payload.value() as JsonObject;
    let answers: JsonObject;
    try {
      // oxlint-disable-next-line no-await-in-loop -- each round builds on the one before
      answers = await askAll(exchange, isJsonObject(inputRequests) ? inputRequests : {});
    } catch (thrown) {
      if (exchange.signal.aborted || !isHostlerError(thrown)) throw thrown;
      return refuse(exchange, thrown.message);
    }
    const params = {
      ...exchange.request.params,
      inputResponses: answers,
      ...(requestState === undefined ? {} : { requestState }),
    };
    // oxlint-disable-next-line no-await-in-loop -- each round builds on the one before
    outcome = await dispatch(new RoutedExchange(exchange, { method: exchange.request.method, params }));
  }
  return outcome;
}

/** A legacy client knows results that are complete and nothing else. */
function isPending({ kind, era, payload }: Outcome): boolean {
  return kind === 'result' && era === 'modern' && resultTypeOf(payload) === 'input_required';
}

/** Puts all questions at once; each answer goes under the key of its question. One that fails withdraws the others. */
async function askAll(exchange: Exchange, requests: JsonObject): Promise<JsonObject> {
  const round = new AbortController();
  try {
    const answers = await Promise.all(
      Object.entries(requests).map(
        async ([key, request]) => [key, await askOne(exchange, request, round.signal)] as const,
      ),
    );
    return Object.fromEntries(answers);
  } finally {
    round.abort(new DOMException('Another question of the round failed', 'AbortError'));
  }
}

async function askOne(exchange: Exchange, question: Json | undefined, signal: AbortSignal): Promise<Json> {
  const request = toRequest(question);
  const answer = await exchange.ask(request, signal);
  if (answer.kind === 'result') return answer.result;
  // There is no place for an error among the answers of the modern era.
  throw clientErrors.CANNOT_BE_ASKED({ details: { method: request.method, reason: 'it answered with an error' } });
}

function toRequest(question: Json | undefined): ClientRequest {
  const method = isJsonObject(question) ? question['method'] : undefined;
  if (!isJsonObject(question) || typeof method !== 'string') {
    throw clientErrors.CANNOT_BE_ASKED({ details: { method: 'anything', reason: 'the server put no valid question' } });
  }
  const params = isJsonObject(question['params']) ? question['params'] : {};
  // The legacy era knows a question by URL under an id that the modern one dropped.
  const needsId = params['mode'] === 'url' && params['elicitationId'] === undefined;
  return { method, params: needsId ? { ...params, elicitationId: randomUUID() } : params };
}

/** For a tool the refusal is a result, since models read results; other requests fail. */
function refuse({ request }: Exchange, problem: string): Outcome {
  const text = `This request needs more input, which could not be had. ${problem}`;
  if (request.method === 'tools/call') {
    return { kind: 'result', era: 'legacy', payload: Payload.of({ content: [{ type: 'text', text }], isError: true }) };
  }
  const { rpc } = clientErrors.CANNOT_BE_ASKED.kind;
  const data = { code: clientErrors.CANNOT_BE_ASKED.code };
  return { kind: 'error', era: 'legacy', payload: Payload.of({ code: rpc, message: text, data }) };
}

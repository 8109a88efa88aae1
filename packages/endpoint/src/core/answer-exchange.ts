import { isJsonObject } from '@hostler/kernel';
import type { Exchange, McpRequest, Outcome } from '@hostler/kernel';
import { RoutedExchange } from '@hostler/host';
import { mayRequireInput } from '@hostler/protocol';
import { canBeAsked } from './askable.ts';
import { errorAnswer, outcomeAnswer } from './answers.ts';
import { AskingCall } from './asking-call.ts';
import { carryOutcome } from './carry-outcome.ts';
import type { ClientExchange } from './client-exchange.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import type { TakenState } from './request-states.ts';

/** Takes an exchange to the host and its outcome back to the client. Never rejects. @returns whether it came to a result */
export function answerExchange(parts: EndpointParts, exchange: ClientExchange): Promise<boolean> {
  const { client, request } = exchange;
  if (client.era === 'legacy' || !mayRequireInput(request.method)) return answerAtOnce(parts, exchange, exchange);
  if (request.params['requestState'] !== undefined) return answerRetry(parts, exchange);
  return answerFirst(parts, exchange, exchange);
}

/** @param sent what the host gets to see */
function answerAtOnce(parts: EndpointParts, exchange: ClientExchange, sent: Exchange): Promise<boolean> {
  // Not async: within one era there is nothing to wait for but the host.
  const finish = (outcome: Outcome): boolean => {
    const answer = outcomeAnswer(exchange.reply.id, outcome);
    exchange.settle();
    exchange.reply.finish(answer);
    return outcome.kind === 'result';
  };
  // Who cancelled it has settled the reply; what broke on the way down is no news.
  const fail = (thrown: unknown): boolean => (exchange.cancelled ? false : refuse(parts, exchange, thrown));
  let dispatched: Promise<Outcome>;
  try {
    dispatched = parts.host.dispatch(sent);
  } catch (thrown) {
    return Promise.resolve(fail(thrown));
  }
  return dispatched.then((outcome) => {
    try {
      const carried = carryOutcome(parts, exchange, outcome);
      return carried instanceof Promise ? carried.then(finish).catch(fail) : finish(carried);
    } catch (thrown) {
      return fail(thrown);
    }
  }, fail);
}

/** A request during which the server may ask is answered when it asks, and goes on. */
function answerFirst(parts: EndpointParts, exchange: ClientExchange, sent: Exchange): Promise<boolean> {
  if (!canBeAsked(exchange.client)) return answerAtOnce(parts, exchange, sent);
  const call = new AskingCall(parts, exchange);
  const answered = call.attend(exchange, {});
  void call.run(async () => carryOutcome(parts, exchange, await parts.host.dispatch(sent)));
  return answered;
}

/** The client is back: either a call waits for it, or the server gets its own state back. */
function answerRetry(parts: EndpointParts, exchange: ClientExchange): Promise<boolean> {
  const { method, params } = exchange.request;
  let taken: TakenState;
  try {
    taken = parts.states.take(exchange);
  } catch (thrown) {
    return Promise.resolve(refuse(parts, exchange, thrown));
  }
  if (taken.kind === 'parked') {
    const answers = params['inputResponses'];
    return taken.call.attend(exchange, isJsonObject(answers) ? answers : {});
  }
  const request: McpRequest = { method, params: { ...params, requestState: taken.state } };
  return answerFirst(parts, exchange, new RoutedExchange(exchange, request));
}

function refuse(parts: EndpointParts, exchange: ClientExchange, thrown: unknown): false {
  const { reply, id: requestId, client } = exchange;
  exchange.settle();
  reply.finish(errorAnswer(parts, thrown, { id: reply.id, requestId, era: client.era }));
  return false;
}

import { errorAnswer, outcomeAnswer } from './answers.ts';
import { carryOutcome } from './carry-outcome.ts';
import type { ClientExchange } from './client-exchange.ts';
import type { EndpointParts } from './endpoint-parts.ts';

/** Takes an exchange to the host and its outcome back to the client. Never rejects. @returns whether it came to a result */
export async function answerExchange(parts: EndpointParts, exchange: ClientExchange): Promise<boolean> {
  const { reply } = exchange;
  try {
    const outcome = await carryOutcome(parts, exchange, await parts.host.dispatch(exchange));
    const answer = outcomeAnswer(reply.id, outcome);
    exchange.settle();
    if (exchange.cancelled) reply.drop();
    else reply.finish(answer);
    return outcome.kind === 'result';
  } catch (thrown) {
    exchange.settle();
    if (exchange.cancelled) reply.drop();
    else reply.finish(errorAnswer(parts, thrown, { id: reply.id, requestId: exchange.id, era: exchange.client.era }));
    return false;
  }
}

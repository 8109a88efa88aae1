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
    reply.finish(answer);
    return outcome.kind === 'result';
  } catch (thrown) {
    exchange.settle();
    // Who cancelled it has settled the reply; what broke on the way down is no news.
    if (exchange.cancelled) return false;
    reply.finish(errorAnswer(parts, thrown, { id: reply.id, requestId: exchange.id, era: exchange.client.era }));
    return false;
  }
}

import type { Clock, Consumer, HostlerError } from '@hostler/kernel';
import { metaKeys, resultBytes } from '@hostler/protocol';
import { httpErrors } from '../http-errors.ts';
import { Bag } from './bag.ts';
import { errorAnswer } from './answers.ts';
import type { ClientExchange } from './client-exchange.ts';
import type { EndpointLimits } from '../limits.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { hasRoom } from './has-room.ts';

type AnswerParts = Pick<EndpointParts, 'log' | 'redact'>;

/** The exchanges under way on one endpoint. */
export class InFlight {
  readonly #exchanges = new Bag<ClientExchange>();
  readonly #onEmpty = new Set<() => void>();

  get size(): number {
    return this.#exchanges.size;
  }

  /** Whether this consumer may have one more. */
  hasRoom(consumer: Consumer, limits: Pick<EndpointLimits, 'inFlight' | 'inFlightPerConsumer'>): boolean {
    return hasRoom(this.#exchanges, consumer, limits);
  }

  add(exchange: ClientExchange): void {
    this.#exchanges.add(exchange);
  }

  delete(exchange: ClientExchange): void {
    this.#exchanges.delete(exchange);
    if (this.#exchanges.size > 0) return;
    for (const resolve of this.#onEmpty) resolve();
  }

  /**
   * Ends subscriptions, waits for the others up to `grace` milliseconds, and fails what is left. Called again meanwhile
   * with less time, it ends the wait of the first call too.
   */
  async close(parts: Pick<EndpointParts, 'clock' | 'log' | 'redact'>, grace: number): Promise<void> {
    for (const exchange of this.#exchanges) if (isSubscription(exchange)) endSubscription(exchange);
    await this.#empty(parts.clock, grace);
    this.endAll(parts, httpErrors.SHUTTING_DOWN());
    for (const resolve of this.#onEmpty) resolve();
  }

  /** Fails those of certain consumers, now. */
  endWhere(parts: AnswerParts, isOver: (consumer: Consumer) => boolean): void {
    for (const exchange of this.#exchanges) {
      if (isOver(exchange.consumer)) endExchange(parts, exchange, httpErrors.ACCESS_ENDED());
    }
  }

  /** Fails all of them, now. */
  endAll(parts: AnswerParts, reason: HostlerError): void {
    for (const exchange of this.#exchanges) endExchange(parts, exchange, reason);
  }

  #empty(clock: Clock, grace: number): Promise<void> {
    if (this.#exchanges.size === 0 || grace <= 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopTimer = clock.after(grace, resolve);
    this.#onEmpty.add(resolve);
    return promise.finally(() => {
      stopTimer();
      this.#onEmpty.delete(resolve);
    });
  }
}

/** Answers it with an error, and tells the host. */
export function endExchange(parts: AnswerParts, exchange: ClientExchange, reason: HostlerError): void {
  const { id: requestId, reply, client } = exchange;
  reply.finish(errorAnswer(parts, reason, { id: reply.id, requestId, era: client.era }));
  exchange.cancel(reason);
}

function isSubscription({ request }: ClientExchange): boolean {
  return request.method === 'subscriptions/listen';
}

/** A subscription that the server ends ends with a result. Source: MCP 2026-07-28, basic/patterns/subscriptions. */
function endSubscription(exchange: ClientExchange): void {
  const { id } = exchange.reply;
  const result = { resultType: 'complete', _meta: { [metaKeys.subscriptionId]: id } };
  exchange.reply.finish({ message: [resultBytes(id, result)], status: 200 });
  exchange.cancel(httpErrors.SHUTTING_DOWN());
}

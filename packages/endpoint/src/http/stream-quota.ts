import type { EndpointLimits } from '../limits.ts';
import { httpErrors } from '../http-errors.ts';

/** Counts the streams that stay open for long, so that one consumer cannot take them all. */
export class StreamQuota {
  readonly #limits: EndpointLimits;
  readonly #byConsumer = new Map<string, number>();
  #total = 0;

  constructor(limits: EndpointLimits) {
    this.#limits = limits;
  }

  /** @returns the function that gives the place back; calling it again does nothing. @throws HTTP_TOO_MANY_STREAMS */
  take(consumer: string): () => void {
    const count = this.#byConsumer.get(consumer) ?? 0;
    if (count >= this.#limits.streamsPerConsumer || this.#total >= this.#limits.streams) {
      throw httpErrors.TOO_MANY_STREAMS();
    }
    this.#byConsumer.set(consumer, count + 1);
    this.#total++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#giveBack(consumer);
    };
  }

  #giveBack(consumer: string): void {
    const left = (this.#byConsumer.get(consumer) ?? 1) - 1;
    if (left === 0) this.#byConsumer.delete(consumer);
    else this.#byConsumer.set(consumer, left);
    this.#total--;
  }
}

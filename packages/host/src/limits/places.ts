import type { Clock, Exchange } from '@hostler/kernel';
import { limitErrors } from '../errors.ts';

/** Seconds after which a place may be free again: nobody knows. */
const PLACE_RETRY = 1;
/** Milliseconds that a call waits for a place. */
const LONGEST_WAIT = 10_000;

export interface PlacesSpec {
  readonly concurrent?: number;
  readonly waiting?: number;
}

interface Waiting {
  /** It has a place now. */
  enter(): void;
}

/** The calls that run at the same time, and those that wait to. */
export class Places {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Set<Waiting>();
  #spec: PlacesSpec;
  #running = 0;

  constructor(spec: PlacesSpec, clock: Pick<Clock, 'after'>) {
    this.#spec = spec;
    this.#clock = clock;
  }

  /** A promise where a place has to be waited for. @throws and rejects with LIMIT_EXCEEDED: then there is none */
  take(call: Pick<Exchange, 'signal'>): void | Promise<void> {
    const { concurrent, waiting = 0 } = this.#spec;
    if (concurrent === undefined || this.#running < concurrent) {
      this.#running += 1;
      return undefined;
    }
    if (this.#waiting.size >= waiting) throw noPlace(concurrent);
    return this.#wait(call.signal, concurrent);
  }

  leave(): void {
    this.#running -= 1;
    this.#fill();
  }

  change(spec: PlacesSpec): void {
    this.#spec = spec;
    this.#fill();
  }

  #fill(): void {
    const { concurrent = Number.POSITIVE_INFINITY } = this.#spec;
    for (const waiting of this.#waiting) {
      if (this.#running >= concurrent) return;
      this.#running += 1;
      waiting.enter();
    }
  }

  #wait(signal: AbortSignal, concurrent: number): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = (): void => {
      this.#waiting.delete(waiting);
      stopTimer();
      signal.removeEventListener('abort', giveUp);
    };
    const waiting: Waiting = {
      enter() {
        end();
        resolve();
      },
    };
    const giveUp = (): void => {
      end();
      reject(signal.reason as Error);
    };
    const stopTimer = this.#clock.after(LONGEST_WAIT, () => {
      end();
      reject(noPlace(concurrent));
    });
    signal.addEventListener('abort', giveUp, { once: true });
    this.#waiting.add(waiting);
    return promise;
  }
}

function noPlace(concurrent: number): Error {
  return limitErrors.EXCEEDED({
    details: { limit: `${concurrent} at a time`, retryAfter: PLACE_RETRY, mayHaveRun: false },
  });
}

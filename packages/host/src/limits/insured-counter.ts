import type { Clock, Logger } from '@hostler/kernel';
import { limitErrors } from '../errors.ts';
import type { CallCounter, Counted, RateUse } from './call-counter.ts';

export interface InsuredCounterOptions {
  readonly shared: CallCounter;
  /** What counts while the shared one is away; absent: then everything is refused that has a limit. */
  readonly local: CallCounter | undefined;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly log: Logger;
}

export interface CounterState {
  readonly away: boolean;
  /** Requests that the shared counter has counted, or refused. */
  readonly shared: number;
  /** Requests that came while it was away. */
  readonly without: number;
}

export interface InsuredCounter extends CallCounter {
  state(): CounterState;
}

/** Milliseconds for one answer of the shared counter: a call waits for it. */
const ANSWER_TIME = 50;
/** Answers that come too late, one after the other, until it is taken for away: one alone may be a busy moment. */
const MOST_LATE = 3;
/** Milliseconds until it is asked again when it is away. */
const REST = 1_000;

class LateAnswer extends Error {}

/** A shared counter of which no request hangs. */
export function createInsuredCounter(options: InsuredCounterOptions): InsuredCounter {
  return new CounterWithStandIn(options);
}

class CounterWithStandIn implements InsuredCounter {
  readonly #options: InsuredCounterOptions;
  #isAway = false;
  #askAgainAt = 0;
  /** Answers in a row that came too late. */
  #late = 0;
  #shared = 0;
  #without = 0;

  constructor(options: InsuredCounterOptions) {
    this.#options = options;
  }

  take(uses: readonly RateUse[]): Counted | Promise<Counted> {
    const { clock } = this.#options;
    if (this.#isAway && clock.now() < this.#askAgainAt) return this.#takeWithout(uses);
    // While it is away one request a time finds out whether it still is.
    if (this.#isAway) this.#askAgainAt = clock.now() + REST;
    return this.#takeShared(uses);
  }

  state(): CounterState {
    return { away: this.#isAway, shared: this.#shared, without: this.#without };
  }

  async #takeShared(uses: readonly RateUse[]): Promise<Counted> {
    const { shared, clock } = this.#options;
    const late = Promise.withResolvers<never>();
    // Where this process itself was busy the answer may be there already: it is read before the second timer fires.
    let stopTimer = clock.after(ANSWER_TIME, () => {
      stopTimer = clock.after(1, () => late.reject(new LateAnswer(`no answer in ${ANSWER_TIME} ms`)));
    });
    try {
      const counted = await Promise.race([shared.take(uses), late.promise]);
      this.#onAnswer();
      return counted;
    } catch (error) {
      this.#onFailure(error);
      return this.#takeWithout(uses);
    } finally {
      stopTimer();
    }
  }

  /** @throws LIMIT_STORE_AWAY */
  #takeWithout(uses: readonly RateUse[]): Counted | Promise<Counted> {
    this.#without += 1;
    const { local } = this.#options;
    if (local === undefined) throw limitErrors.STORE_AWAY({ details: { retryAfter: 1, mayHaveRun: false } });
    return local.take(uses);
  }

  #onAnswer(): void {
    this.#shared += 1;
    this.#late = 0;
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#options.log.info({}, 'calls are counted together with the other hosts again');
  }

  #onFailure(error: unknown): void {
    const { clock, log, local } = this.#options;
    if (error instanceof LateAnswer && ++this.#late < MOST_LATE) return;
    this.#askAgainAt = clock.now() + REST;
    if (this.#isAway) return;
    this.#isAway = true;
    const consequence = local === undefined ? 'what has a limit is refused' : 'this host counts for itself';
    log.error({ error }, `the store of the limits is away: ${consequence}`);
  }
}

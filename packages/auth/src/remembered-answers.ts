import type { Clock, JsonObject } from '@hostler/kernel';

const MAX_ANSWERS = 5_000;

interface Answer {
  /** Absent: the token is not good. */
  readonly claims: JsonObject | undefined;
  /** By the clock. */
  readonly until: number;
}

export interface LivingAnswer {
  readonly claims: JsonObject | undefined;
  /** Milliseconds for which it may still be believed. */
  readonly maxAge: number;
}

/** What an issuer said of tokens, by the hash of all of a token; never longer than it was said to hold. */
export class RememberedAnswers {
  readonly #clock: Clock;
  /** In the order in which they came. */
  readonly #answers = new Map<string, Answer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(digest: string): LivingAnswer | undefined {
    const found = this.#answers.get(digest);
    if (found === undefined) return undefined;
    const maxAge = found.until - this.#clock.now();
    if (maxAge > 0) return { claims: found.claims, maxAge };
    this.#answers.delete(digest);
    return undefined;
  }

  add(digest: string, { claims, maxAge }: LivingAnswer): void {
    this.#answers.delete(digest);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size >= MAX_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
    this.#answers.set(digest, { claims, until: this.#clock.now() + maxAge });
  }
}

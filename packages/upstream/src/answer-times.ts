/**
 * How fast a server answers calls that come alone: when the process sleeps while it waits, and when it stays awake. Means
 * in milliseconds, in which the latest weigh most.
 */
export class AnswerTimes {
  #asleep = SLOW;
  #awake = UNKNOWN;
  #calls = 0;

  /**
   * Whether to stay awake for the next one. Now and then it is the other way round, to know of both.
   * @param longest milliseconds that the process may stay awake: a server that takes longer is slept for
   */
  shouldStayAwake(longest: number): boolean {
    if (this.#asleep >= longest) {
      this.#awake = UNKNOWN;
      return false;
    }
    this.#calls = (this.#calls + 1) % TRIES;
    const pays = this.#awake < this.#asleep;
    return this.#calls === 0 ? !pays : pays;
  }

  /** What a call that came alone took, in milliseconds, and how the process waited for it. */
  note(took: number, wasAwake: boolean): void {
    const known = Math.min(took, SLOW);
    if (wasAwake) this.#awake += (known - this.#awake) / WEIGHT;
    else this.#asleep += (known - this.#asleep) / WEIGHT;
  }
}

/** Milliseconds: a server of which nothing is known, and every answer that takes longer. */
const SLOW = 0.3;
/** Less than any: it is worth a try. */
const UNKNOWN = 0;
/** Of the mean against the latest. */
const WEIGHT = 16;
/** One of so many calls goes the way that pays less. */
const TRIES = 64;

import { performance } from 'node:perf_hooks';
import type { AnswerTimes } from './answer-times.ts';

export interface BusyPollOptions {
  /** Milliseconds of a monotonic clock; that of the process by default. */
  readonly now?: () => number;
  /** Calls back in the next turn of the event loop, which looks at what has come without waiting; `setImmediate` by default. */
  readonly nextTurn?: (callback: () => void) => void;
}

/**
 * Keeps a process awake while one call alone waits for a server that is known to answer at once, where that has been found
 * to pay. To fall asleep and be woken takes longer than such an answer. While more than one call is under way, and after
 * 0.2 ms, the process sleeps as ever. One for all servers of a process.
 *
 * The bound is that of the Linux kernel for the same with virtual cores (Documentation/virt/kvm/halt-polling.rst).
 */
export class BusyPoll {
  readonly #now: () => number;
  readonly #nextTurn: (callback: () => void) => void;
  #underWay = 0;
  /** When the only call under way began; undefined as soon as it is not the only one. */
  #begun: number | undefined;
  #isAwake = false;
  #isTurning = false;

  constructor({ now = () => performance.now(), nextTurn = setImmediate }: BusyPollOptions = {}) {
    this.#now = now;
    this.#nextTurn = nextTurn;
  }

  /** A call is about to be sent to the server of these times. */
  begin(answers: AnswerTimes): void {
    this.#underWay += 1;
    if (this.#underWay > 1) {
      this.#begun = undefined;
      return;
    }
    this.#begun = this.#now();
    this.#isAwake = answers.shouldStayAwake(LONGEST);
    if (!this.#isAwake || this.#isTurning) return;
    this.#isTurning = true;
    this.#nextTurn(this.#turn);
  }

  /** It is over, whatever became of it. */
  end(answers: AnswerTimes): void {
    this.#underWay -= 1;
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun !== undefined) answers.note(this.#now() - begun, this.#isAwake);
  }

  readonly #turn = (): void => {
    this.#isTurning = this.#isAwake && this.#begun !== undefined && this.#now() - this.#begun < LONGEST;
    if (this.#isTurning) this.#nextTurn(this.#turn);
  };
}

/** Milliseconds. */
const LONGEST = 0.2;

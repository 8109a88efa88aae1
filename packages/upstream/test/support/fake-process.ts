import { BusyPoll } from '../../src/busy-poll.ts';

/** A process whose time passes, and whose turns come, when the test says so. */
export class FakeProcess {
  readonly poll: BusyPoll;
  #time = 1_000;
  #waiting: (() => void)[] = [];

  constructor() {
    const nextTurn = (callback: () => void): void => void this.#waiting.push(callback);
    this.poll = new BusyPoll({ now: () => this.#time, nextTurn });
  }

  /** How many turns are to come at once: none, and it falls asleep. */
  get turns(): number {
    return this.#waiting.length;
  }

  pass(milliseconds: number): void {
    this.#time += milliseconds;
    for (const callback of this.#waiting.splice(0)) callback();
  }
}

import type { Clock } from '@hostler/kernel';
import { Bag } from '../core/bag.ts';
import type { Bagged } from '../core/bag.ts';

export interface Pulsed extends Bagged {
  /** Called about once a second while it is added. */
  onPulse(now: number): void;
}

/** Milliseconds: all waits of the HTTP face are seconds or minutes long. */
const PERIOD = 1_000;

/** One timer for the deadlines of all requests and streams: most requests end before it is ever asked about them. */
export class Pulse {
  readonly #clock: Clock;
  readonly #members = new Bag<Pulsed>();
  #beating = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  add(member: Pulsed): void {
    this.#members.add(member);
    if (!this.#beating) this.#arm();
  }

  delete(member: Pulsed): void {
    this.#members.delete(member);
  }

  #arm(): void {
    this.#beating = true;
    this.#clock.after(PERIOD, () => {
      this.#beating = false;
      const now = this.#clock.now();
      for (const member of this.#members) member.onPulse(now);
      if (this.#members.size > 0) this.#arm();
    });
  }
}

import type { Clock } from '@hostler/kernel';
import type { Connection } from './connection.ts';
import { FREE_TIME } from './free-time.ts';

/** Connections without a request. The last to come is the first to go: the others grow old and are closed. */
export class FreeConnections {
  readonly #clock: Clock;
  #stack: Connection[] = [];
  /** One timer for all. Old ones are never taken, so it is enough to close them some time later. */
  #endSweep: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(connection: Connection, freeTime: number): void {
    connection.freeUntil = this.#clock.now() + freeTime;
    this.putBack(connection);
  }

  /** One that was taken and not used. */
  putBack(connection: Connection): void {
    this.#stack.push(connection);
    this.#endSweep ??= this.#clock.after(FREE_TIME, () => this.#sweep());
  }

  take(): Connection | undefined {
    for (let connection = this.#stack.pop(); connection !== undefined; connection = this.#stack.pop()) {
      if (this.#isYoung(connection)) return connection;
      connection.drop();
    }
    return undefined;
  }

  remove(connection: Connection): void {
    const index = this.#stack.lastIndexOf(connection);
    if (index !== -1) this.#stack.splice(index, 1);
  }

  close(): void {
    this.#endSweep?.();
    this.#endSweep = undefined;
    this.#stack = [];
  }

  #isYoung(connection: Connection): boolean {
    return connection.isUsable && this.#clock.now() < connection.freeUntil;
  }

  #sweep(): void {
    const all = this.#stack;
    this.#endSweep = undefined;
    this.#stack = [];
    for (const connection of all) {
      if (this.#isYoung(connection)) this.putBack(connection);
      else connection.drop();
    }
  }
}

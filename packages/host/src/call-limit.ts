import type { CallLimitSpec, Exchange } from '@hostler/kernel';
import { countCall, Meter } from './limits/meter.ts';
import type { Counting } from './limits/meter.ts';
import { Places } from './limits/places.ts';
import { ToolMeters } from './limits/tool-meters.ts';

/** What the limits of a call are told, and ask of it. */
export type LimitedCall = Pick<Exchange, 'signal' | 'counted'>;

/** What one consumer has left of its calls, over all its clients together. */
export interface CallLimit {
  /**
   * Counts a call. A promise only where a place has to be waited for, or others count as well.
   * @param takesPlace whether it is one of those that run at the same time: then `leave` has to follow, once
   * @throws and rejects with LIMIT_EXCEEDED, LIMIT_STORE_AWAY and what its signal says: then nothing was counted
   */
  enter(takesPlace: boolean, call: LimitedCall): void | Promise<void>;
  /** A call that took a place has come to its end. */
  leave(): void;
  /** The rates of this tool alone; absent: there are none. */
  toolMeters(server: string, tool: string): readonly Meter[] | undefined;
  /** Other limits from now on; what was used up and what runs stays counted. */
  change(spec: CallLimitSpec): void;
}

/** @param consumer whose it is: others that count for it give it the same name */
export function createCallLimit(spec: CallLimitSpec, counting: Counting, consumer = ''): CallLimit {
  return new ConsumerLimit(spec, counting, consumer);
}

class ConsumerLimit implements CallLimit {
  readonly #counting: Counting;
  readonly #consumer: string;
  readonly #places: Places;
  /** None or one. */
  #calls: readonly Meter[] = [];
  #tools: ToolMeters | undefined;

  constructor(spec: CallLimitSpec, counting: Counting, consumer: string) {
    this.#counting = counting;
    this.#consumer = consumer;
    this.#places = new Places(spec, counting.clock);
    this.change(spec);
  }

  enter(takesPlace: boolean, call: LimitedCall): void | Promise<void> {
    if (!takesPlace) return this.#count(call);
    const place = this.#places.take(call);
    if (place !== undefined) return place.then(() => this.#countInPlace(call));
    return this.#countInPlace(call);
  }

  leave(): void {
    this.#places.leave();
  }

  toolMeters(server: string, tool: string): readonly Meter[] | undefined {
    return this.#tools?.of(server, tool);
  }

  change(spec: CallLimitSpec): void {
    const { calls, tools } = spec;
    const [meter] = this.#calls;
    this.#places.change(spec);
    if (calls === undefined) this.#calls = [];
    else if (meter === undefined) {
      this.#calls = [new Meter({ name: 'consumer', key: `consumer/${this.#consumer}`, rate: calls }, this.#counting)];
    } else meter.change(calls, this.#counting.clock.now());
    if (this.#tools !== undefined) this.#tools.change(tools);
    else if (tools !== undefined) {
      const prefix = `consumer/${this.#consumer}/tools/`;
      this.#tools = new ToolMeters({ name: 'tool', prefix, counting: this.#counting }, tools);
    }
  }

  #count(call: LimitedCall): void | Promise<void> {
    if (this.#calls.length > 0) return countCall(this.#counting, this.#calls, call);
  }

  /** What is refused gives its place back. */
  #countInPlace(call: LimitedCall): void | Promise<void> {
    try {
      const counted = this.#count(call);
      return counted?.catch((error: unknown) => {
        this.leave();
        throw error;
      });
    } catch (error) {
      this.leave();
      throw error;
    }
  }
}

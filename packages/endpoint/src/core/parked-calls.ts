import type { Clock, Consumer, HostlerError } from '@hostler/kernel';
import { clientErrors } from '../client-errors.ts';
import type { EndpointLimits } from '../limits.ts';

/** A call that goes on while its client is away. */
export interface Parkable {
  /** Who has last come for it. */
  readonly consumer: Consumer;
  /** Its questions will not be answered, and it may ask nothing more. */
  giveUp(reason: HostlerError): void;
  /** Ends it at the server. */
  cancel(reason: HostlerError): void;
}

export interface ParkedCallsOptions {
  readonly clock: Clock;
  readonly limits: Pick<
    EndpointLimits,
    'parkedCalls' | 'parkedCallsPerConsumer' | 'parkedBytesPerConsumer' | 'parkedFor'
  >;
}

/** Milliseconds for a server to end the call itself when it hears that nobody answers. */
const LAST_WORDS = 1_000;

interface Place<Call> {
  readonly call: Call;
  isOver: boolean;
  stopTimer: () => void;
}

/** The calls whose clients are away to find answers: few, each for a while, and what they hold counted by consumer. */
export class ParkedCalls<Call extends Parkable> {
  readonly #options: ParkedCallsOptions;
  readonly #places = new Map<string, Place<Call>>();
  readonly #bytes = new Map<string, number>();
  #isClosed = false;

  constructor(options: ParkedCallsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#places.size;
  }

  hasRoom(consumer: string): boolean {
    const { parkedCalls, parkedCallsPerConsumer } = this.#options.limits;
    if (this.#isClosed || this.#places.size >= parkedCalls) return false;
    let own = 0;
    for (const { call } of this.#places.values()) if (call.consumer.name === consumer) own++;
    return own < parkedCallsPerConsumer;
  }

  /** @returns what takes the call out again, for when it ends and nothing is left to come back for */
  park(id: string, call: Call): () => void {
    const { clock, limits } = this.#options;
    const place: Place<Call> = { call, isOver: false, stopTimer: () => {} };
    place.stopTimer = clock.after(limits.parkedFor, () => this.#expire(id, place));
    this.#places.set(id, place);
    return () => this.#leave(id, place);
  }

  /** The call, to go on with; undefined when there is none any more. */
  take(id: string): Call | undefined {
    const place = this.#places.get(id);
    if (place === undefined || place.isOver) return undefined;
    this.#leave(id, place);
    return place.call;
  }

  /** Counts bytes that a call of this consumer holds, until the returned function is called; undefined: too many. */
  hold(consumer: string, bytes: number): (() => void) | undefined {
    const before = this.#bytes.get(consumer) ?? 0;
    if (before + bytes > this.#options.limits.parkedBytesPerConsumer) return undefined;
    this.#bytes.set(consumer, before + bytes);
    return () => {
      const left = (this.#bytes.get(consumer) ?? 0) - bytes;
      if (left > 0) this.#bytes.set(consumer, left);
      else this.#bytes.delete(consumer);
    };
  }

  /** Ends every call here; none is parked from here on. */
  close(reason: HostlerError): void {
    this.#isClosed = true;
    this.endWhere(() => true, reason);
  }

  /** Ends the calls of certain consumers. */
  endWhere(isOver: (consumer: Consumer) => boolean, reason: HostlerError): void {
    for (const [id, place] of this.#places) {
      if (!isOver(place.call.consumer)) continue;
      this.#leave(id, place);
      place.call.giveUp(reason);
      place.call.cancel(reason);
    }
  }

  #expire(id: string, place: Place<Call>): void {
    const reason = clientErrors.DID_NOT_COME_BACK();
    place.isOver = true;
    place.stopTimer = this.#options.clock.after(LAST_WORDS, () => {
      this.#leave(id, place);
      place.call.cancel(reason);
    });
    place.call.giveUp(reason);
  }

  #leave(id: string, place: Place<Call>): void {
    place.stopTimer();
    this.#places.delete(id);
  }
}

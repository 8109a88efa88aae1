import type { Consumer } from '@hostler/kernel';
import type { ConsumerBounds, EndpointLimits } from '../limits.ts';
import { httpErrors } from '../http-errors.ts';
import type { Pulse, Pulsed } from './pulse.ts';

export interface OpenStreamsOptions {
  readonly limits: Pick<EndpointLimits, 'streams' | 'streamsPerConsumer'>;
  readonly boundsOf?: ((consumer: Consumer) => ConsumerBounds | undefined) | undefined;
  readonly pulse: Pick<Pulse, 'add' | 'delete'>;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

export interface OpenStream {
  readonly consumer: Consumer;
  /** Ends it because its consumer is let in no longer; it gives its place back by itself. */
  readonly end: () => void;
}

/**
 * The streams that stay open for long. They are counted, so that one consumer cannot take them all, and each ends when
 * what its consumer has shown for it expires: whoever listens has to be let in as much as whoever asks.
 */
export class OpenStreams implements Pulsed {
  readonly #options: OpenStreamsOptions;
  readonly #byConsumer = new Map<string, number>();
  readonly #open = new Set<OpenStream>();
  /** How many of them expire. */
  #expiring = 0;

  constructor(options: OpenStreamsOptions) {
    this.#options = options;
  }

  /** @returns the function that gives the place back; calling it again does nothing. @throws HTTP_TOO_MANY_STREAMS */
  take(stream: OpenStream): () => void {
    const { limits, boundsOf, pulse } = this.#options;
    const { name } = stream.consumer;
    const count = this.#byConsumer.get(name) ?? 0;
    const most = boundsOf?.(stream.consumer)?.streams ?? limits.streamsPerConsumer;
    if (count >= most || this.#open.size >= limits.streams) throw httpErrors.TOO_MANY_STREAMS();
    this.#byConsumer.set(name, count + 1);
    this.#open.add(stream);
    if (expiryOf(stream) !== undefined && this.#expiring++ === 0) pulse.add(this);
    return () => {
      if (this.#open.delete(stream)) this.#giveBack(stream);
    };
  }

  /** Ends those of certain consumers. */
  endWhere(isOver: (consumer: Consumer) => boolean): void {
    for (const stream of this.#open) if (isOver(stream.consumer)) stream.end();
  }

  onPulse(): void {
    const now = this.#options.wallClock();
    this.endWhere(({ identity }) => identity?.expiresAt !== undefined && identity.expiresAt <= now);
  }

  #giveBack(stream: OpenStream): void {
    const { name } = stream.consumer;
    const left = (this.#byConsumer.get(name) ?? 1) - 1;
    if (left === 0) this.#byConsumer.delete(name);
    else this.#byConsumer.set(name, left);
    if (expiryOf(stream) !== undefined && --this.#expiring === 0) this.#options.pulse.delete(this);
  }
}

function expiryOf({ consumer }: OpenStream): number | undefined {
  return consumer.identity?.expiresAt;
}

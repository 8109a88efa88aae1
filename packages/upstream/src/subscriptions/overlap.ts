import type { Clock, Notification } from '@hostler/kernel';

export interface OverlapOptions {
  readonly clock: Clock;
  onOver(): void;
}

/** Milliseconds by which two streams of one server may be apart. */
const SKEW = 250;
/** A server that never falls silent is not waited for longer than this many times. */
const MAX_ROUNDS = 8;

interface Kept {
  readonly notification: Notification;
  readonly at: number;
}

/**
 * The time in which a former and a new stream both tell of the same changes. The former one knows them all, so it is the
 * one that is listened to; what the new one says is kept until the former must have said it as well. Only when there is
 * nothing of that kind left does the new one take over, so that each change is told once.
 */
export class Overlap {
  readonly #options: OverlapOptions;
  #kept: Kept[] = [];
  #rounds = 0;
  #cancel: () => void;

  constructor(options: OverlapOptions) {
    this.#options = options;
    this.#cancel = this.#wait();
  }

  keep(notification: Notification): void {
    this.#kept.push({ notification, at: this.#options.clock.now() });
  }

  /** @returns what the former stream may not have said yet, each once */
  end(): readonly Notification[] {
    this.#cancel();
    this.#forgetOld();
    const distinct = new Map(this.#kept.map(({ notification }) => [keyOf(notification), notification]));
    this.#kept = [];
    return [...distinct.values()];
  }

  #wait(): () => void {
    return this.#options.clock.after(SKEW, () => {
      this.#rounds += 1;
      this.#forgetOld();
      if (this.#kept.length === 0 || this.#rounds >= MAX_ROUNDS) this.#options.onOver();
      else this.#cancel = this.#wait();
    });
  }

  #forgetOld(): void {
    const oldest = this.#options.clock.now() - SKEW;
    this.#kept = this.#kept.filter(({ at }) => at > oldest);
  }
}

function keyOf({ method, params }: Notification): string {
  return `${method} ${JSON.stringify(params?.['uri'] ?? null)}`;
}

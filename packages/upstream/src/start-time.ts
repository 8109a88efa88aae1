import type { Clock } from '@hostler/kernel';
import type { ConnectContext } from './connection.ts';

export interface StartTimeOptions {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly limit: number;
  readonly secrets: ConnectContext['secrets'];
  readonly onTimeUp: () => void;
}

/**
 * The time that a server has for its start. It stands still while secrets are read: the resolver bounds that, and says
 * what is wrong with them; the server is not to blame for it.
 */
export class StartTime {
  /** Those of the start. */
  readonly secrets: ConnectContext['secrets'];
  readonly #options: StartTimeOptions;
  #left: number;
  #since = 0;
  #reading = 0;
  #isOver = false;
  #cancel: (() => void) | undefined;

  constructor(options: StartTimeOptions) {
    this.#options = options;
    this.#left = options.limit;
    this.secrets = {
      resolve: async (reference, signal) => {
        this.#stop();
        this.#reading += 1;
        try {
          return await options.secrets.resolve(reference, signal);
        } finally {
          this.#reading -= 1;
          this.#run();
        }
      },
      expire: (reference) => options.secrets.expire(reference),
    };
    this.#run();
  }

  end(): void {
    this.#isOver = true;
    this.#stop();
  }

  #run(): void {
    if (this.#isOver || this.#reading > 0) return;
    const { clock, onTimeUp } = this.#options;
    this.#since = clock.now();
    this.#cancel = clock.after(this.#left, onTimeUp);
  }

  #stop(): void {
    if (this.#cancel === undefined) return;
    this.#cancel();
    this.#cancel = undefined;
    this.#left = Math.max(0, this.#left - (this.#options.clock.now() - this.#since));
  }
}

import type { Clock, Era, Exchange, Notification, Outcome } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection } from './connection.ts';

export interface OwnConnectionOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  /** Milliseconds without a call after which it is idle. */
  readonly idleAfter: number;
  readonly onIdle: () => void;
}

/** A connection that serves one client, and notices when that client no longer uses it. */
export class OwnConnection implements Connection {
  readonly era: Era;
  readonly server: ServerDescription;
  readonly #options: OwnConnectionOptions;
  #inFlight = 0;
  #isSubscribed = false;
  #isClosed = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: OwnConnectionOptions) {
    this.era = options.connection.era;
    this.server = options.connection.server;
    this.#options = options;
    this.#rest();
  }

  async request(exchange: Exchange): Promise<Outcome> {
    // A client that waits to hear of changes does use its connection, though it calls nothing.
    if (exchange.request.method === 'resources/subscribe') this.#isSubscribed = true;
    this.#inFlight += 1;
    this.#cancelTimer?.();
    try {
      return await this.#options.connection.request(exchange);
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#rest();
    }
  }

  notify(notification: Notification): void {
    this.#options.connection.notify(notification);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    return this.#options.connection.close();
  }

  #rest(): void {
    // The last call may end because of the close: an idle timer now would end the connection that comes next.
    if (this.#isSubscribed || this.#isClosed) return;
    const { clock, idleAfter, onIdle } = this.#options;
    this.#cancelTimer = clock.after(idleAfter, onIdle);
  }
}

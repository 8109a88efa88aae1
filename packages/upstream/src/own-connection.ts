import type { Clock, Era, Exchange, Notification, Outcome } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection } from './connection.ts';
import type { GuardedConnection } from './guarded-connection.ts';
import type { ConnectionSubscriptions } from './subscriptions/connection-subscriptions.ts';
import type { Subscribable } from './subscriptions/subscribable.ts';

export interface OwnConnectionOptions {
  readonly connection: GuardedConnection;
  readonly clock: Clock;
  /** Milliseconds without a call after which it is idle. */
  readonly idleAfter: number;
  readonly onIdle: () => void;
}

/** A connection that serves one client, and notices when that client no longer uses it. */
export class OwnConnection implements Subscribable {
  readonly era: Era;
  readonly server: ServerDescription;
  readonly subscriptions: ConnectionSubscriptions;
  readonly #options: OwnConnectionOptions;
  #inFlight = 0;
  #isClosed = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: OwnConnectionOptions) {
    this.era = options.connection.era;
    this.server = options.connection.server;
    this.subscriptions = options.connection.subscriptions;
    this.#options = options;
    this.#rest();
  }

  /** Undefined while it is in use. */
  get lastUsed(): number | undefined {
    return this.#options.connection.lastUsed;
  }

  async request(exchange: Exchange): Promise<Outcome> {
    this.#inFlight += 1;
    this.#cancelTimer?.();
    try {
      return await this.#options.connection.request(exchange);
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#rest();
    }
  }

  get renewSecrets(): Connection['renewSecrets'] {
    return this.#options.connection.renewSecrets;
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
    if (this.#isClosed) return;
    const { clock, idleAfter, onIdle } = this.#options;
    this.#cancelTimer = clock.after(idleAfter, () => {
      // A client that waits to hear of changes does use its connection, though it calls nothing.
      if (this.subscriptions.isHeld) this.#rest();
      else onIdle();
    });
  }
}

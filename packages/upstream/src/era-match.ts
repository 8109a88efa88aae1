import { isHostlerError } from '@hostler/kernel';
import type { Client, Clock, Logger, Notification } from '@hostler/kernel';
import type { Connection } from './connection.ts';
import type { OwnConnections } from './own-connections.ts';
import type { Subscribable } from './subscriptions/subscribable.ts';
import type { Supervisor } from './supervisor.ts';

export interface EraMatchOptions {
  readonly server: string;
  /** Makes what keeps a shared connection of the legacy era to the same server up. */
  readonly createLegacy: () => Supervisor;
  /** Connections of the legacy era that serve one client each. */
  readonly own: OwnConnections;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Milliseconds after which a server is asked again whether it speaks the legacy era. */
const VERDICT_LASTS = 10 * 60_000;

/**
 * A server may speak both eras. A client of the legacy era then gets a connection of that era, since a translation would
 * lose what has no counterpart (questions in the middle of a call, subscriptions to resources, log levels). Only when the
 * server turns out to be of the modern era alone is its modern connection used for all.
 */
export class EraMatch {
  readonly #options: EraMatchOptions;
  /** Modern connections behind which no legacy server was found, and until when that is taken for granted. */
  readonly #modernOnly = new WeakMap<Connection, number>();
  #legacy: Supervisor | undefined;

  constructor(options: EraMatchOptions) {
    this.#options = options;
  }

  /**
   * The connection for a client of the legacy era to a server that was found to be modern.
   * @throws UPSTREAM_OVERLOADED, SECRET_*
   */
  connection(modern: Subscribable, client: Client, askable: boolean): Subscribable | Promise<Subscribable> {
    const { own, clock } = this.#options;
    if (clock.now() < (this.#modernOnly.get(modern) ?? Number.NEGATIVE_INFINITY)) return modern;
    try {
      const matching = askable && client.session ? own.connection(client, client.session.id) : this.#sharedConnection();
      return matching instanceof Promise ? matching.catch((error: unknown) => this.#giveUp(modern, error)) : matching;
    } catch (error) {
      return this.#giveUp(modern, error);
    }
  }

  /** Whether a shared connection of the legacy era is up. */
  get isUp(): boolean {
    return this.#legacy?.state().status === 'up';
  }

  /** Whether anybody waits to hear of a resource over it. */
  get isHeld(): boolean {
    return this.#legacy?.isHeld === true;
  }

  notifyServer(notification: Notification): void {
    this.#legacy?.notifyServer(notification);
  }

  /** As `Supervisor.renewSecrets`, when there is such a connection. @throws as that does */
  async renewSecrets(signal: AbortSignal): Promise<void> {
    await this.#legacy?.renewSecrets(signal);
  }

  async close(): Promise<void> {
    await this.#legacy?.close();
  }

  #sharedConnection(): Subscribable | Promise<Subscribable> {
    if (!this.#legacy) {
      this.#legacy = this.#options.createLegacy();
      void this.#legacy.start();
    }
    return this.#legacy.connection();
  }

  #giveUp(modern: Subscribable, error: unknown): Subscribable {
    if (isHostlerError(error) && error.code !== 'UPSTREAM_UNAVAILABLE') throw error;
    const { log, server, clock } = this.#options;
    this.#modernOnly.set(modern, clock.now() + VERDICT_LASTS);
    void this.#legacy?.close();
    this.#legacy = undefined;
    log.info({ server, error }, 'the server speaks the modern era only; clients of the legacy era are translated');
    return modern;
  }
}

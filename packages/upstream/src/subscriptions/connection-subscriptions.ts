import type { Clock, Logger, Notification } from '@hostler/kernel';
import { changingLists } from '@hostler/protocol';
import type { WatchedList } from '@hostler/protocol';
import type { MessageScreen } from '@hostler/secrets';
import type { Connection } from '../connection.ts';
import { upstreamErrors } from '../errors.ts';
import { LegacyLeg } from './legacy-leg.ts';
import { ModernLeg } from './modern-leg.ts';
import type { Acceptance, SubscriptionLeg } from './subscription-leg.ts';

export interface ConnectionSubscriptionsOptions {
  readonly server: string;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Logger;
  /** For jitter: from 0 to 1. */
  readonly random: () => number;
  /** Milliseconds for the server to answer. */
  readonly timeout: number;
  readonly onNotification: (notification: Notification) => void;
  /** Looks at what clients subscribe to. */
  readonly screen?: MessageScreen;
}

/** A holder's part in a subscription that several may have. */
export interface ResourceHold extends ConnectionHold {
  /** Over which of the connections to the server it is told of: see `Pool.source`. */
  readonly source: string;
}

export interface ConnectionHold extends Acceptance {
  /** Gives it back; does nothing when there is nothing to give back. */
  release(): void;
}

interface Held {
  readonly acceptance: Promise<Acceptance>;
  /** What each holder wants to be told when the connection ends. */
  readonly holders: Set<() => void>;
}

/** Different resources at a time; a modern server is told all of them whenever one is added. */
const MAX_RESOURCES = 2_000;

/**
 * Everything that is watched on one connection: the server's lists, and the resources that anybody subscribed to, each
 * once however many hold it.
 */
export class ConnectionSubscriptions {
  readonly #options: ConnectionSubscriptionsOptions;
  readonly #held = new Map<string, Held>();
  #leg: SubscriptionLeg | undefined;
  #isOver = false;

  constructor(options: ConnectionSubscriptionsOptions) {
    this.#options = options;
  }

  /** A modern server tells only those who asked that its lists changed; a legacy one tells everybody. */
  watchLists(): void {
    const { connection } = this.#options;
    const lists = changingLists(connection.server);
    if (connection.era === 'modern' && lists.length > 0 && !this.#isOver) this.#leg ??= this.#createLeg(lists);
  }

  /** Whether anybody waits to hear of a resource. */
  get isHeld(): boolean {
    return this.#held.size > 0;
  }

  /**
   * @param onLost the connection ended, and the subscription with it
   * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_OVERLOADED, SECRET_LEAK
   */
  async hold(asked: string, onLost: () => void): Promise<ConnectionHold> {
    const { screen } = this.#options;
    const uri = screen === undefined ? asked : screen.outgoing(asked);
    const held = this.#held.get(uri) ?? this.#subscribe(uri);
    // A function of its own for each holder: the same one may be given twice.
    const holder = (): void => onLost();
    held.holders.add(holder);
    const release = (): void => this.#release(uri, held, holder);
    try {
      const acceptance = await held.acceptance;
      if (!acceptance.accepted) this.#forget(uri, held);
      return { ...acceptance, release };
    } catch (error) {
      this.#forget(uri, held);
      throw error;
    }
  }

  /** The connection has ended. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leg?.stop();
    const holders = [...this.#held.values()].flatMap((held) => [...held.holders]);
    this.#held.clear();
    for (const tell of holders) tell();
  }

  #subscribe(uri: string): Held {
    const { server } = this.#options;
    if (this.#isOver) throw upstreamErrors.UNAVAILABLE({ details: { server, mayHaveRun: false } });
    if (this.#held.size >= MAX_RESOURCES) {
      const limit = `${MAX_RESOURCES} resources are subscribed to`;
      throw upstreamErrors.OVERLOADED({ details: { server, limit, mayHaveRun: false } });
    }
    this.#leg ??= this.#createLeg([]);
    const held = { acceptance: this.#leg.add(uri), holders: new Set<() => void>() };
    this.#held.set(uri, held);
    return held;
  }

  #createLeg(lists: readonly WatchedList[]): SubscriptionLeg {
    return this.#options.connection.era === 'legacy'
      ? new LegacyLeg(this.#options)
      : new ModernLeg({ ...this.#options, lists });
  }

  #release(uri: string, held: Held, holder: () => void): void {
    if (!held.holders.delete(holder) || held.holders.size > 0 || this.#held.get(uri) !== held) return;
    this.#held.delete(uri);
    this.#leg?.remove(uri);
  }

  /** It never came about. Who waited for it learns that from the same promise. */
  #forget(uri: string, held: Held): void {
    held.holders.clear();
    if (this.#held.get(uri) === held) this.#held.delete(uri);
  }
}

import type { Clock, Consumer, Exchange, JsonObject, Logger, Outcome } from '@hostler/kernel';
import type { Pool } from '@hostler/upstream';
import type { HostParts } from '../host-parts.ts';
import type { TaskNames } from '../tasks/task-names.ts';
import type { Views } from '../views.ts';
import { createFindResource } from './find-resource.ts';
import { Listens } from './listens.ts';
import { ResourceHolders } from './resource-holders.ts';
import { SessionSubscriptions } from './session-subscriptions.ts';
import type { Watcher } from './watcher.ts';

export interface SubscriptionsOptions {
  readonly pool: Pool;
  readonly catalogs: HostParts['catalogs'];
  readonly names: TaskNames;
  readonly views: Views;
  readonly log: Logger;
  readonly clock: Clock;
  /** How many of a consumer; undefined: as many as of others. */
  readonly subscriptionsOf?: ((consumer: Consumer) => number | undefined) | undefined;
}

/** Resources that one client may wait to hear of: in a session, and in one `subscriptions/listen`. */
const MAX_RESOURCES = 1_000;

/** What clients of either era want to hear of, and who hears of what servers say. */
export class Subscriptions {
  readonly #holders: ResourceHolders;
  readonly #sessions: SessionSubscriptions;
  readonly #listens: Listens;

  constructor({ pool, catalogs, names, views, log, clock, subscriptionsOf }: SubscriptionsOptions) {
    const holders = new ResourceHolders({ pool, log, clock, views });
    const find = createFindResource({ pool, catalogs, views });
    const maxResources = (consumer: Consumer): number => subscriptionsOf?.(consumer) ?? MAX_RESOURCES;
    const common = { pool, log, holders, views, find, maxResources };
    this.#holders = holders;
    this.#sessions = new SessionSubscriptions(common);
    this.#listens = new Listens({ ...common, names });
  }

  /** Answers the methods that subscribe; undefined for all others. */
  answer(exchange: Exchange): Promise<Outcome> | undefined {
    switch (exchange.request.method) {
      case 'subscriptions/listen':
        return this.#listens.serve(exchange);
      case 'resources/subscribe':
        return this.#sessions.subscribe(exchange);
      case 'resources/unsubscribe':
        return Promise.resolve(this.#sessions.unsubscribe(exchange));
      default:
        return undefined;
    }
  }

  /** A list changed: tells those who listen. Sessions hear of it from their endpoint. */
  listChanged(method: string, params: JsonObject | undefined, isTold: (watcher: Watcher) => boolean): void {
    this.#listens.tell(method, params, isTold);
  }

  resourceUpdated(server: string, params: JsonObject, source: string): void {
    this.#holders.tell(server, params, source);
  }

  /** The server was started anew, and knows of no subscription. */
  renew(server: string): void {
    this.#holders.renew(server);
  }

  /** There is a server of this name, which there was not before. */
  resume(server: string): void {
    this.#holders.resume(server);
  }

  /** The server is gone for good: who listened to it alone hears that nothing more will come. */
  forget(server: string): void {
    this.#listens.end(({ scope }) => scope.kind === 'server' && scope.name === server);
  }

  /** Views are others: what a client may not see any more is held for it no longer. */
  viewsChanged(): void {
    this.#sessions.viewsChanged();
    this.#listens.viewsChanged();
  }

  restSession(sessionId: string): void {
    this.#sessions.rest(sessionId);
  }

  wakeSession(sessionId: string): void {
    this.#sessions.wake(sessionId);
  }

  endSession(sessionId: string): void {
    this.#sessions.end(sessionId);
  }

  close(): void {
    this.#listens.end(() => true);
    this.#holders.close();
  }
}

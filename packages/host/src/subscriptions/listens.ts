import { Payload } from '@hostler/kernel';
import type { Consumer, Exchange, JsonObject, Logger, Outcome } from '@hostler/kernel';
import { changingLists, watchedLists } from '@hostler/protocol';
import { untilAborted } from '@hostler/upstream';
import type { Connection, Pool } from '@hostler/upstream';
import { routeErrors } from '../errors.ts';
import { listenToTasks } from '../tasks/task-listens.ts';
import type { HeardTasks } from '../tasks/task-listens.ts';
import type { TaskNames } from '../tasks/task-names.ts';
import type { Views } from '../views.ts';
import type { FindResource } from './find-resource.ts';
import type { HeldResource } from './held-resource.ts';
import { GuardedListen } from './guarded-listen.ts';
import { Listen } from './listen.ts';
import { readListenFilter, withoutOtherResources } from './listen-filter.ts';
import type { ResourceHolders } from './resource-holders.ts';

export interface ListensOptions {
  readonly pool: Pool;
  readonly log: Logger;
  readonly names: TaskNames;
  readonly holders: ResourceHolders;
  readonly views: Views;
  readonly find: FindResource;
  /** Resources that one request may name. */
  maxResources(consumer: Consumer): number;
}

/** `subscriptions/listen` of modern clients, whatever era the servers are of. */
export class Listens {
  readonly #options: ListensOptions;
  readonly #open = new Set<Listen>();

  constructor(options: ListensOptions) {
    this.#options = options;
  }

  /** @throws ROUTE_NOT_FOUND, PROTOCOL_INVALID_PARAMS, UPSTREAM_*, SECRET_*, or the signal's reason */
  async serve(exchange: Exchange): Promise<Outcome> {
    const { scope, request } = exchange;
    const filter = readListenFilter(request.params, this.#options.maxResources(exchange.consumer));
    const connection = scope.kind === 'all' ? undefined : await this.#connection(scope.name, exchange);
    // What the host does not know, its server may: extensions subscribe in the same way.
    if (filter.isExtended && connection?.era === 'modern') {
      return connection.request(await this.#guarded(exchange, filter.uris));
    }
    const offered = connection === undefined ? watchedLists : changingLists(connection.server);
    const lists = offered.filter(({ field }) => filter.lists.includes(field));
    const listen = new Listen(
      exchange,
      lists.map(({ method }) => method),
    );
    this.#open.add(listen);
    let tasks: HeardTasks | undefined;
    try {
      tasks = await listenToTasks(this.#options, exchange, (notification) => listen.notify(notification));
      const uris = await untilAborted(exchange.signal, this.#hold(exchange, listen, filter.uris));
      listen.acknowledge(
        lists.map(({ field }) => field),
        uris,
        tasks.taskIds,
      );
      if (lists.length > 0 || uris.length > 0 || tasks.taskIds.length > 0) await listen.finished();
      return COMPLETE;
    } finally {
      this.#open.delete(listen);
      tasks?.stop();
      for (const held of listen.held) this.#options.holders.remove(held);
    }
  }

  /** A list changed. @param isTold whether this client hears of it */
  tell(method: string, params: JsonObject | undefined, isTold: (listen: Listen) => boolean): void {
    for (const listen of this.#open) {
      if (listen.wants(method) && isTold(listen)) listen.notify({ method, ...(params && { params }) });
    }
  }

  /** There is nothing more to say to these. */
  end(isOver: (listen: Listen) => boolean): void {
    for (const listen of this.#open) if (isOver(listen)) listen.end();
  }

  viewsChanged(): void {
    const { holders, views } = this.#options;
    for (const { held } of this.#open) for (const one of held) if (!holders.isSeen(one)) holders.remove(one);
    this.end(({ scope, user }) => !views.hasScope({ ...user, scope }));
  }

  /** Without the resources that its client may not see, as if they did not exist. */
  async #guarded(exchange: Exchange, uris: readonly string[]): Promise<Exchange> {
    const { views, find } = this.#options;
    const { scope, request } = exchange;
    if (views.isOpen || scope.kind === 'all') return exchange;
    const found = await Promise.all(uris.map((uri) => find(exchange, uri)));
    const seen = uris.filter((_, index) => found[index] !== undefined);
    const params = seen.length === uris.length ? request.params : withoutOtherResources(request.params, seen);
    return new GuardedListen(exchange, { ...request, params }, { server: scope.name, views });
  }

  async #connection(server: string, exchange: Exchange): Promise<Connection> {
    const { pool } = this.#options;
    if (!pool.spec(server)) throw routeErrors.NOT_FOUND({ details: { kind: 'server', name: server } });
    return pool.connection(server, exchange);
  }

  /** @returns what the servers agreed to, in the order it was asked for */
  async #hold(exchange: Exchange, listen: Listen, uris: readonly string[]): Promise<string[]> {
    const held = await Promise.all(uris.map((uri) => this.#holdOne(exchange, listen, uri)));
    return uris.filter((_, index) => held[index]);
  }

  /** What does not exist, what may not be seen and what cannot be had are left out alike. */
  async #holdOne(exchange: Exchange, listen: Listen, clientUri: string): Promise<boolean> {
    const { holders, find, log } = this.#options;
    let held: HeldResource | undefined;
    try {
      const address = await find(exchange, clientUri);
      if (!address) return false;
      held = holders.add(listen, { ...address, clientUri });
      listen.held.push(held);
      const { accepted } = await held.acquire();
      if (!accepted) holders.remove(held);
      return accepted;
    } catch (error) {
      log.debug({ error }, 'a resource was left out of a subscription');
      if (held) holders.remove(held);
      return false;
    }
  }
}

const COMPLETE: Outcome = { kind: 'result', era: 'modern', payload: Payload.of({ resultType: 'complete' }) };

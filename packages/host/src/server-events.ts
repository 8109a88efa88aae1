import type { JsonObject, Notification } from '@hostler/kernel';
import { changingLists, watchedLists } from '@hostler/protocol';
import { hasUserGrant } from '@hostler/upstream';
import type { ConnectionUser, PoolEvent, UpstreamState } from '@hostler/upstream';
import { credentialsFor, credentialsIn } from './credentials-for.ts';
import type { Catalogs } from './catalogs.ts';
import type { GroupedPool } from './groups/with-groups.ts';
import type { HostEvent } from './host.ts';
import type { CatalogChange } from './list-news.ts';
import { ServerLives } from './server-lives.ts';
import type { Subscriptions } from './subscriptions/subscriptions.ts';
import type { Views } from './views.ts';

export interface ServerEventsOptions {
  readonly pool: GroupedPool;
  readonly catalogs: Catalogs;
  readonly subscriptions: Subscriptions;
  readonly views: Views;
  /** To the clients that hold sessions. */
  readonly emit: (event: HostEvent) => void;
}

type NotificationEvent = Extract<PoolEvent, { readonly kind: 'notification' }>;

/** Brings what servers say outside any call, and their coming and going, to the clients that it concerns. */
export class ServerEvents {
  readonly #options: ServerEventsOptions;
  readonly #lives = new ServerLives();
  /** What is told as soon as the catalogs have it. */
  readonly #waiting = new Set<string>();

  constructor(options: ServerEventsOptions) {
    this.#options = options;
  }

  receive(event: PoolEvent): void {
    if (event.kind === 'state') this.#onState(event.state);
    else if (event.notification.method.endsWith('/list_changed')) this.#onListChanged(event);
    else if (event.notification.method === 'notifications/resources/updated') this.#onUpdated(event);
    // Log messages of a shared connection belong to nobody in particular; showing them to everybody would leak.
  }

  /**
   * Those who see the server's own lists hear of a change at once; those who are served from a catalog, when the catalog
   * has it.
   */
  #onListChanged({ server, notification, source, sessionId }: NotificationEvent): void {
    const { pool, catalogs } = this.#options;
    const { method } = notification;
    // The same change may be told over several connections: each client hears of it from the one that serves it.
    const reaches = (user: ConnectionUser): boolean => pool.source(server, user) === source;
    const event = { server, notification, reaches, ...(sessionId !== undefined && { sessionId }) };
    const catalogued = catalogs.onListChanged(server, method, { sessionId, credentials: credentialsIn(source) });
    if (catalogued === undefined) return this.#tell(event);
    if (!this.#hasOffer(server)) this.#tell({ ...event, scope: 'server' });
    const key = `${server} ${source} ${method}`;
    if (this.#waiting.has(key)) return undefined;
    this.#waiting.add(key);
    void catalogued.then(() => {
      this.#waiting.delete(key);
      this.#tell(this.#hasOffer(server) ? event : { ...event, scope: 'all' });
    });
    return undefined;
  }

  /** The catalogs have something that the server did not tell of. */
  onCatalogued({ server, methods, sessionId, credentials }: CatalogChange): void {
    const { pool } = this.#options;
    const reaches = (user: ConnectionUser): boolean => credentialsFor(pool, server, user) === credentials;
    const limits = { ...(sessionId !== undefined && { sessionId }), ...(credentials !== undefined && { reaches }) };
    for (const method of methods) {
      const event = { server, notification: { method }, ...limits };
      this.#tell(this.#hasOffer(server) ? event : { ...event, scope: 'all' });
    }
  }

  /** Then the server is seen through a catalog even where it stands alone. */
  #hasOffer(server: string): boolean {
    const spec = this.#options.pool.spec(server);
    return spec !== undefined && (spec.offer !== undefined || hasUserGrant(spec));
  }

  #onUpdated({ server, notification, source }: NotificationEvent): void {
    this.#options.subscriptions.resourceUpdated(server, notification.params ?? {}, source);
  }

  #onState(state: UpstreamState): void {
    const { catalogs, pool, subscriptions } = this.#options;
    const { name } = state;
    const isCatalogued = catalogs.onState(state);
    const { came, went, isKnown, capabilities, concerned } = this.#lives.observe(state);
    if (!isCatalogued && (came || went)) this.#tellAll(name, concerned);
    if (came && isKnown) this.#onReturn(name, capabilities);
    else if (came) subscriptions.resume(name);
    if (pool.spec(name)) return;
    this.#lives.forget(name);
    subscriptions.forget(name);
    // Also where nobody saw its lists: who keeps something of it must hear of the end.
    this.#options.emit({
      server: name,
      notification: { method: 'notifications/tools/list_changed' },
      scope: 'server',
      isGone: true,
    });
  }

  /** What one server offers is part of what the whole host offers. Those who were given its lists hear it from the catalogs. */
  #tellAll(server: string, capabilities: JsonObject): void {
    for (const { capability, method } of watchedLists) {
      if (capabilities[capability] !== undefined) this.#tell({ server, notification: { method }, scope: 'all' });
    }
  }

  /** It may have been replaced by another version of itself, and it has forgotten who subscribed to what. */
  #onReturn(server: string, capabilities: JsonObject): void {
    if (this.#hasOffer(server)) return this.#options.subscriptions.renew(server);
    for (const { method } of changingLists({ capabilities })) {
      this.#tell({ server, notification: { method }, scope: 'server' });
    }
    return this.#options.subscriptions.renew(server);
  }

  #tell(given: HostEvent): void {
    const { server, notification, reaches } = given;
    const isMember = this.#options.pool.groupOf(server) !== undefined;
    // The whole host has a group instead of its members, and is told of that.
    if (isMember && given.scope === 'all') return;
    const event: HostEvent = isMember ? { ...given, scope: 'server' } : given;
    const { method, params } = notification satisfies Notification;
    this.#options.emit(this.#options.pool.spec(server) ? event : { ...event, isGone: true });
    this.#options.subscriptions.listChanged(method, params, ({ scope, user }) => {
      if (event.sessionId !== undefined) return false;
      if (event.scope !== undefined && event.scope !== scope.kind) return false;
      if (scope.kind === 'server' && scope.name !== server) return false;
      if (!this.#options.views.mayHear(user, server)) return false;
      return reaches?.(user) ?? true;
    });
  }

  /** Also where nobody saw its lists: who keeps something of a bundle must hear of its end. */
  #tellOfGone(): void {
    const { views, emit } = this.#options;
    const reaches = ({ consumer, scope }: ConnectionUser): boolean =>
      scope !== undefined && !views.hasScope({ consumer, scope });
    emit({ server: OF_NO_SERVER, notification: { method: LIST_CHANGED }, scope: 'all', reaches, isGone: true });
  }

  /** Consumers see other things than before: those who were given lists hear that these are others. */
  onViews(): void {
    const { pool, views, subscriptions, emit } = this.#options;
    if (views.hasBundles) this.#tellOfGone();
    const reaches = views.takeChanged();
    if (reaches === undefined) return;
    const states = pool.states();
    for (const { capability, method } of watchedLists) {
      const having = states.filter(({ server }) => server?.capabilities[capability] !== undefined);
      if (having.length === 0) continue;
      const notification = { method };
      // Also for those who see no server any more.
      emit({ server: OF_NO_SERVER, notification, scope: 'all', reaches, isGone: true });
      for (const { name } of having) emit({ server: name, notification, scope: 'server', reaches });
      subscriptions.listChanged(method, undefined, ({ scope, user }) => {
        const isHaving = scope.kind === 'all' || having.some(({ name }) => name === scope.name);
        return isHaving && reaches(user);
      });
    }
  }
}

const OF_NO_SERVER = '';
const LIST_CHANGED = 'notifications/tools/list_changed';

/** The event for those alone who may see its server. */
export function seenEvent(views: Views, event: HostEvent): HostEvent {
  const { server, reaches } = event;
  if (views.isOpen || server === OF_NO_SERVER) return event;
  return { ...event, reaches: (user) => views.mayHear(user, server) && (reaches?.(user) ?? true) };
}

import { isDeepStrictEqual } from 'node:util';
import type { Clock, Logger, OfferSpec, View } from '@hostler/kernel';
import { listKinds } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { fullView } from '@hostler/router';
import type { Conflict } from '@hostler/router';
import type { ConnectionUser, Pool, UpstreamState } from '@hostler/upstream';
import { CatalogCache } from './catalog-cache.ts';
import type { CatalogStore } from './catalog-store.ts';
import { ownSession, sharedUser } from './catalog-user.ts';
import { CatalogView } from './catalog-view.ts';
import type { ListLimits } from './fetch-lists.ts';
import { ListReader } from './list-reader.ts';
import type { ListSlot } from './list-slot.ts';
import type { ServedCatalog } from './served-catalog.ts';
import { LIST_NAMES } from './server-lists.ts';

export interface CatalogsOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: ListLimits;
  /** Absent: nothing is remembered from one run to the next. */
  readonly store?: CatalogStore | undefined;
  readonly onChange: (change: CatalogChange) => void;
}

/** Lists that are other than before, for those who were served them. */
export interface CatalogChange {
  readonly server: string;
  readonly methods: readonly string[];
  /** Present when only this session sees them. */
  readonly sessionId?: string;
}

/**
 * What the servers offer, as each kind of client sees it. Resolved at once from what is known; reading goes on behind it,
 * and whoever was served an older list is told when the new one is there. Reading is for all; what a view lets through of
 * it is put together for each view.
 */
export interface Catalogs {
  /** All servers together, under public names. */
  for(user: ConnectionUser, view?: View): ServedCatalog | Promise<ServedCatalog>;
  /** One server under its own names, with what the configuration says of it. */
  forServer(user: ConnectionUser, server: string, view?: View): ServedCatalog | Promise<ServedCatalog>;
  /** Resolves when what is being read for this user is read; undefined when nothing is. */
  settled(user: ConnectionUser): Promise<unknown> | undefined;
  /** What an operator should know of the lists that this user is given. */
  conflicts(user: ConnectionUser): Promise<readonly Conflict[]>;
  /**
   * A server said that a list has changed, over the connection of this session or over one that many share.
   * @returns what resolves when the catalogs have the change, for told earlier, clients would be given the old list again;
   * undefined when nobody was given any
   */
  onListChanged(server: string, method: string, sessionId?: string): Promise<void> | undefined;
  /** @returns false when nobody was given a list, so that `onChange` will not tell what comes of it */
  onState(state: UpstreamState): boolean;
  endSession(sessionId: string): void;
}

export function createCatalogs(options: CatalogsOptions): Catalogs {
  return new AllCatalogs(options);
}

class AllCatalogs implements Catalogs {
  readonly #options: CatalogsOptions;
  readonly #reader: ListReader;
  readonly #cache = new CatalogCache();
  /** One for each era: all modern clients and the legacy ones that cannot be asked see what the shared connections show. */
  readonly #shared = new Map<string, CatalogView>();
  readonly #sessions = new Map<string, CatalogView>();
  /** Methods that wait to be told, by server and session. */
  readonly #pending = new Map<string, Set<string>>();
  /** How often a server told of a method itself, of readings that are not over. */
  readonly #announced = new Map<string, Map<string, number>>();
  /** What the configuration said of each server last. */
  readonly #configured = new Map<string, OfferSpec | undefined>();
  readonly #reported = new Set<string>();

  constructor(options: CatalogsOptions) {
    this.#options = options;
    this.#reader = new ListReader(options);
  }

  for(user: ConnectionUser, view = fullView): ServedCatalog | Promise<ServedCatalog> {
    return this.#view(user).all(view);
  }

  forServer(user: ConnectionUser, server: string, view = fullView): ServedCatalog | Promise<ServedCatalog> {
    return this.#view(user).one(server, view);
  }

  settled(user: ConnectionUser): Promise<unknown> | undefined {
    return this.#view(user).settled();
  }

  conflicts(user: ConnectionUser): Promise<readonly Conflict[]> {
    return this.#view(user).conflicts();
  }

  onListChanged(server: string, method: string, sessionId?: string): Promise<void> | undefined {
    this.#reader.outdate(server);
    const slots = this.#slots(server, sessionId);
    if (slots.length === 0) return undefined;
    const key = keyOf(server, sessionId);
    const announced = this.#announced.get(key) ?? new Map<string, number>();
    this.#announced.set(key, announced.set(method, (announced.get(method) ?? 0) + 1));
    return Promise.all(slots.map((slot) => slot.refresh())).then(() => {
      const left = (announced.get(method) ?? 0) - 1;
      if (left > 0) announced.set(method, left);
      else announced.delete(method);
      if (announced.size === 0) this.#announced.delete(key);
    });
  }

  onState(state: UpstreamState): boolean {
    const views = this.#views();
    this.#compareOffer(state.name);
    const isGiven = views.some((view) => view.hasGiven(state.name));
    if (!this.#options.pool.spec(state.name)) this.#forget(state.name);
    else for (const view of views) view.onState(state);
    return isGiven;
  }

  endSession(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  /** The configuration may say something else of a server than before. */
  #compareOffer(server: string): void {
    const offer = this.#options.pool.spec(server)?.offer;
    const isKnown = this.#configured.has(server);
    const former = this.#configured.get(server);
    this.#configured.set(server, offer);
    if (!isKnown || isDeepStrictEqual(former, offer)) return;
    const isGiven = this.#views().some((view) => view.hasGiven(server));
    if (isGiven) this.#tell({ server, methods: methodsOf(LIST_NAMES) });
  }

  /** A server that was removed leaves nothing behind. */
  #forget(server: string): void {
    const kinds = new Set<ListName>();
    for (const view of this.#views()) for (const kind of view.forget(server)) kinds.add(kind);
    this.#reader.forget(server);
    this.#configured.delete(server);
    this.#cache.forget(server);
    if (kinds.size > 0) this.#tell({ server, methods: methodsOf([...kinds]) });
  }

  #view(user: ConnectionUser): CatalogView {
    const { client } = user;
    const sessionId = ownSession(client);
    const views = sessionId === undefined ? this.#shared : this.#sessions;
    const key = sessionId ?? client.era;
    const known = views.get(key);
    if (known) return known;
    const view = this.#createView(sessionId === undefined ? sharedUser(client.era) : user, sessionId);
    views.set(key, view);
    return view;
  }

  #createView(user: ConnectionUser, sessionId: string | undefined): CatalogView {
    const { pool, clock, log } = this.#options;
    return new CatalogView({
      pool,
      clock,
      log,
      user,
      reader: this.#reader,
      cache: this.#cache,
      recall: (server, slot) => this.#recall(server, slot),
      onRead: (server, slot, kinds) => {
        this.#report(slot);
        if (sessionId === undefined && kinds.length > 0) this.#keep(server, slot);
      },
      onChange: (server, kinds) =>
        this.#tell({ server, methods: methodsOf(kinds), ...(sessionId !== undefined && { sessionId }) }),
    });
  }

  async #recall(server: string, slot: ListSlot): Promise<void> {
    const spec = this.#options.pool.spec(server);
    const kept = spec && (await this.#options.store?.load(spec));
    if (kept) slot.remember({ ...kept, lists: this.#cache.intern(server, kept.lists) });
  }

  #keep(server: string, { known }: ListSlot): void {
    const spec = this.#options.pool.spec(server);
    if (spec && known) void this.#options.store?.save(spec, { era: known.era, lists: known.lists });
  }

  /** Each bound that is hit is logged once. */
  #report({ known }: ListSlot): void {
    for (const conflict of known?.conflicts ?? []) {
      if (this.#reported.has(conflict.message)) continue;
      this.#reported.add(conflict.message);
      const { server, message } = conflict;
      this.#options.log.warn({ server, list: conflict.key, reason: message }, 'a list of the server was cut');
    }
  }

  /** Tells once of what changes until the readings under way are over, and not of what the server tells itself. */
  #tell({ server, methods, sessionId }: CatalogChange): void {
    const key = keyOf(server, sessionId);
    const news = methods.filter((method) => !this.#announced.get(key)?.has(method));
    const pending = this.#pending.get(key);
    for (const method of news) pending?.add(method);
    if (pending || news.length === 0) return;
    this.#pending.set(key, new Set(news));
    void this.#flush(key, server, sessionId);
  }

  async #flush(key: string, server: string, sessionId: string | undefined): Promise<void> {
    const reading = this.#slots(server, sessionId).filter(({ isReading }) => isReading);
    await Promise.all(reading.map((slot) => slot.settled()));
    const methods = [...(this.#pending.get(key) ?? [])];
    this.#pending.delete(key);
    this.#options.onChange({ server, methods, ...(sessionId !== undefined && { sessionId }) });
  }

  /** What is read over the connection of one session, or over those that many share. */
  #slots(server: string, sessionId: string | undefined): readonly ListSlot[] {
    if (sessionId === undefined) return slotsOf(this.#views(), server).filter(({ isOwn }) => !isOwn);
    const view = this.#sessions.get(sessionId);
    return view ? slotsOf([view], server) : [];
  }

  #views(): CatalogView[] {
    return [...this.#shared.values(), ...this.#sessions.values()];
  }
}

function slotsOf(views: Iterable<CatalogView>, server: string): readonly ListSlot[] {
  return [...views].flatMap((view) => view.slot(server) ?? []);
}

function keyOf(server: string, sessionId = ''): string {
  return `${sessionId} ${server}`;
}

/** Resources and templates change together: there is one notification for both. */
function methodsOf(kinds: readonly ListName[]): string[] {
  return [...new Set(kinds.map((kind) => `notifications/${listKinds[kind].capability}/list_changed`))];
}

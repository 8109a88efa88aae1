import { isDeepStrictEqual } from 'node:util';
import type { Clock, Logger, OfferSpec, View } from '@hostler/kernel';
import { listKinds } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { fullView } from '@hostler/router';
import type { Conflict } from '@hostler/router';
import { isPersonal } from '@hostler/upstream';
import type { ConnectionUser, Pool, UpstreamState } from '@hostler/upstream';
import { CatalogCache } from './catalog-cache.ts';
import type { DriftWatch } from './drift/drift-watch.ts';
import type { CatalogStore } from './catalog-store.ts';
import { CatalogView } from './catalog-view.ts';
import { CatalogViews } from './catalog-views.ts';
import { credentialsFor } from './credentials-for.ts';
import type { ListLimits } from './fetch-lists.ts';
import { ListNews } from './list-news.ts';
import type { CatalogChange, ListSource } from './list-news.ts';
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
  /** Absent: definitions are not compared with anything. */
  readonly drift?: DriftWatch | undefined;
  readonly onChange: (change: CatalogChange) => void;
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
   * A server said that a list has changed, over the connection of this session or over one that many share, if only those
   * with the same credentials.
   * @returns what resolves when the catalogs have the change, for told earlier, clients would be given the old list again;
   * undefined when nobody was given any
   */
  onListChanged(server: string, method: string, source?: ListSource): Promise<void> | undefined;
  /** Whether this user has to agree to something before the server can be reached, as far as is known. */
  awaitsSignIn(user: ConnectionUser, server: string): boolean;
  /** The user has agreed: what the server offers to these credentials is read. */
  signedIn(user: ConnectionUser, server: string): Promise<void>;
  /** @returns false when nobody was given a list, so that `onChange` will not tell what comes of it */
  onState(state: UpstreamState): boolean;
  endSession(sessionId: string): void;
  /** Definitions are believed in another way than before. */
  reassess(): void;
}

export function createCatalogs(options: CatalogsOptions): Catalogs {
  return new AllCatalogs(options);
}

class AllCatalogs implements Catalogs {
  readonly #options: CatalogsOptions;
  readonly #reader: ListReader;
  readonly #cache = new CatalogCache();
  readonly #views: CatalogViews;
  readonly #news: ListNews;
  /** How often servers with such credentials were started. */
  readonly #personalStarts = new Map<string, number>();
  /** What the configuration said of each server last. */
  readonly #configured = new Map<string, OfferSpec | undefined>();
  readonly #reported = new Set<string>();

  constructor(options: CatalogsOptions) {
    this.#options = options;
    this.#reader = new ListReader({
      ...options,
      intern: (server, lists) => this.#cache.intern(server, lists),
    });
    this.#views = new CatalogViews(options.pool, (...parts) => this.#createView(...parts));
    this.#news = new ListNews({ slots: (...parts) => this.#slots(...parts), onChange: options.onChange });
  }

  for(user: ConnectionUser, view = fullView): ServedCatalog | Promise<ServedCatalog> {
    return this.#views.of(user).all(view);
  }

  forServer(user: ConnectionUser, server: string, view = fullView): ServedCatalog | Promise<ServedCatalog> {
    return this.#views.of(user).one(server, view);
  }

  settled(user: ConnectionUser): Promise<unknown> | undefined {
    return this.#views.of(user).settled();
  }

  conflicts(user: ConnectionUser): Promise<readonly Conflict[]> {
    return this.#views.of(user).conflicts();
  }

  awaitsSignIn(user: ConnectionUser, server: string): boolean {
    return this.#views.of(user).slot(server)?.known?.awaitsSignIn === true;
  }

  async signedIn(user: ConnectionUser, server: string): Promise<void> {
    const { pool } = this.#options;
    const credentials = credentialsFor(pool, server, user);
    const waiting = this.#views.all().filter((view) => view.slot(server)?.known?.awaitsSignIn === true);
    const same = waiting.filter((view) => credentialsFor(pool, server, view.user) === credentials);
    await Promise.all(slotsOf(same, server).map((slot) => slot.refresh()));
  }

  onListChanged(server: string, method: string, source: ListSource = {}): Promise<void> | undefined {
    this.#reader.outdate(server);
    const slots = this.#slots(server, source);
    if (slots.length === 0) return undefined;
    const end = this.#news.announce(server, method, source);
    return Promise.all(slots.map((slot) => slot.refresh())).then(end);
  }

  onState(state: UpstreamState): boolean {
    const views = this.#views.all();
    this.#compareOffer(state.name);
    const isGiven = views.some((view) => view.hasGiven(state.name));
    const spec = this.#options.pool.spec(state.name);
    if (!spec) this.#forget(state.name);
    else if (isPersonal(spec)) return this.#onPersonalState(state, views);
    else for (const view of views) view.onState(state);
    return isGiven;
  }

  endSession(sessionId: string): void {
    for (const source of this.#views.endSession(sessionId)) this.#options.drift?.endSource(source);
  }

  /** It starts for each caller when that one asks. What was read before it was started anew is read again then. */
  #onPersonalState({ name, restarts }: UpstreamState, views: readonly CatalogView[]): false {
    if (this.#personalStarts.get(name) === restarts) return false;
    this.#personalStarts.set(name, restarts);
    for (const view of views) view.readLater(name);
    return false;
  }

  reassess(): void {
    for (const view of this.#views.all()) view.reassess();
  }

  /** The configuration may say something else of a server than before. */
  #compareOffer(server: string): void {
    const offer = this.#options.pool.spec(server)?.offer;
    const isKnown = this.#configured.has(server);
    const former = this.#configured.get(server);
    this.#configured.set(server, offer);
    if (!isKnown || isDeepStrictEqual(former, offer)) return;
    const isGiven = this.#views.all().some((view) => view.hasGiven(server));
    if (isGiven) this.#news.tell({ server, methods: methodsOf(LIST_NAMES) });
  }

  /** A server that was removed leaves nothing behind. */
  #forget(server: string): void {
    const kinds = new Set<ListName>();
    for (const view of this.#views.all()) for (const kind of view.forget(server)) kinds.add(kind);
    this.#reader.forget(server);
    this.#personalStarts.delete(server);
    this.#configured.delete(server);
    this.#cache.forget(server);
    if (kinds.size > 0) this.#news.tell({ server, methods: methodsOf([...kinds]) });
  }

  #createView(user: ConnectionUser, sessionId: string | undefined, source: string): CatalogView {
    const { pool, clock, log, drift } = this.#options;
    const view: CatalogView = new CatalogView({
      pool,
      drift,
      clock,
      log,
      user,
      reader: this.#reader,
      cache: this.#cache,
      recall: async (server, slot) => {
        await this.#recall(server, slot);
        if (slot.known) drift?.observe(server, source, slot.known.lists);
      },
      onRead: (server, slot, kinds) => {
        this.#report(slot);
        if (slot.known && !slot.known.awaitsSignIn) drift?.observe(server, source, slot.known.lists);
        if (sessionId === undefined && kinds.length > 0) this.#keep(server, slot);
      },
      onChange: (server, kinds) =>
        this.#news.tell({ server, methods: methodsOf(kinds), ...this.#listSource(server, view, sessionId) }),
    });
    return view;
  }

  #listSource(server: string, { user }: CatalogView, sessionId: string | undefined) {
    if (sessionId !== undefined) return { sessionId };
    const credentials = credentialsFor(this.#options.pool, server, user);
    return credentials === '' ? {} : { credentials };
  }

  async #recall(server: string, slot: ListSlot): Promise<void> {
    const spec = this.#options.pool.spec(server);
    // One caller's lists are for no other.
    const kept = spec && !isPersonal(spec) && (await this.#options.store?.load(spec));
    if (kept) slot.remember({ ...kept, lists: this.#cache.intern(server, kept.lists) });
  }

  #keep(server: string, { known }: ListSlot): void {
    const spec = this.#options.pool.spec(server);
    if (spec && known && !isPersonal(spec))
      void this.#options.store?.save(spec, { era: known.era, lists: known.lists });
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

  /** What is read over the connection of one session, or over those that many share. */
  #slots(server: string, { sessionId, credentials = '' }: ListSource): readonly ListSlot[] {
    const { pool } = this.#options;
    if (sessionId !== undefined) return slotsOf(this.#views.ofSession(sessionId), server);
    const views = this.#views.all().filter(({ user }) => credentialsFor(pool, server, user) === credentials);
    return slotsOf(views, server).filter(({ isOwn }) => !isOwn);
  }
}

function slotsOf(views: Iterable<CatalogView>, server: string): readonly ListSlot[] {
  return [...views].flatMap((view) => view.slot(server) ?? []);
}

/** Resources and templates change together: there is one notification for both. */
function methodsOf(kinds: readonly ListName[]): string[] {
  return [...new Set(kinds.map((kind) => `notifications/${listKinds[kind].capability}/list_changed`))];
}

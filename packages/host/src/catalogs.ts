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
import { ownSession, sharedUser } from './catalog-user.ts';
import { CatalogView } from './catalog-view.ts';
import { credentialsFor } from './credentials-for.ts';
import type { ListLimits } from './fetch-lists.ts';
import { ListReader } from './list-reader.ts';
import type { ListSlot } from './list-slot.ts';
import { RecentMap } from './recent-map.ts';
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

/** Lists that are other than before, for those who were served them. */
export interface CatalogChange {
  readonly server: string;
  readonly methods: readonly string[];
  /** Present when only this session sees them. */
  readonly sessionId?: string;
  /** Present when only those see them who reach the server with these credentials: see `credentialsFor`. */
  readonly credentials?: string;
}

/** Over which of the connections to a server something was said. */
export interface ListSource {
  readonly sessionId?: string | undefined;
  readonly credentials?: string | undefined;
}

/** Sets of credentials of which catalogs are kept. */
const MAX_PERSONAL = 1_000;

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
  /** One for each era: all modern clients and the legacy ones that cannot be asked see what the shared connections show. */
  readonly #shared = new Map<string, CatalogView>();
  /** Where servers have other credentials for each caller, there is one for each set of them. */
  readonly #personal = new RecentMap<CatalogView>(MAX_PERSONAL);
  /** By session, and by credentials where these are each caller's own. */
  readonly #sessions = new Map<string, CatalogView>();
  /** How often servers with such credentials were started. */
  readonly #personalStarts = new Map<string, number>();
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

  awaitsSignIn(user: ConnectionUser, server: string): boolean {
    return this.#view(user).slot(server)?.known?.awaitsSignIn === true;
  }

  async signedIn(user: ConnectionUser, server: string): Promise<void> {
    const { pool } = this.#options;
    const credentials = credentialsFor(pool, server, user);
    const waiting = this.#views().filter((view) => view.slot(server)?.known?.awaitsSignIn === true);
    const same = waiting.filter((view) => credentialsFor(pool, server, view.user) === credentials);
    await Promise.all(slotsOf(same, server).map((slot) => slot.refresh()));
  }

  onListChanged(server: string, method: string, source: ListSource = {}): Promise<void> | undefined {
    this.#reader.outdate(server);
    const slots = this.#slots(server, source);
    if (slots.length === 0) return undefined;
    const key = keyOf(server, source);
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
    const spec = this.#options.pool.spec(state.name);
    if (!spec) this.#forget(state.name);
    else if (isPersonal(spec)) return this.#onPersonalState(state, views);
    else for (const view of views) view.onState(state);
    return isGiven;
  }

  endSession(sessionId: string): void {
    for (const key of this.#sessions.keys()) {
      if (!isOfSession(key, sessionId)) continue;
      this.#sessions.delete(key);
      this.#options.drift?.endSource(key);
    }
  }

  /** It starts for each caller when that one asks. What was read before it was started anew is read again then. */
  #onPersonalState({ name, restarts }: UpstreamState, views: readonly CatalogView[]): false {
    if (this.#personalStarts.get(name) === restarts) return false;
    this.#personalStarts.set(name, restarts);
    for (const view of views) view.readLater(name);
    return false;
  }

  reassess(): void {
    for (const view of this.#views()) view.reassess();
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
    this.#personalStarts.delete(server);
    this.#configured.delete(server);
    this.#cache.forget(server);
    if (kinds.size > 0) this.#tell({ server, methods: methodsOf([...kinds]) });
  }

  #view(user: ConnectionUser): CatalogView {
    const { client, consumer } = user;
    const sessionId = ownSession(client);
    const credentials = this.#options.pool.credentialsOf(consumer);
    if (credentials !== '') return this.#personalView(user, sessionId, credentials);
    const views = sessionId === undefined ? this.#shared : this.#sessions;
    const key = sessionId ?? client.era;
    const known = views.get(key);
    if (known) return known;
    const view = this.#createView(sessionId === undefined ? sharedUser(client.era) : user, sessionId, key);
    views.set(key, view);
    return view;
  }

  /** What one caller's credentials show is for those with the same: also in one session, whose caller may have others now. */
  #personalView({ client, consumer }: ConnectionUser, sessionId: string | undefined, credentials: string): CatalogView {
    const views = sessionId === undefined ? this.#personal : this.#sessions;
    const key = `${sessionId ?? client.era} ${credentials}`;
    const user = { consumer, client: sessionId === undefined ? sharedUser(client.era).client : client };
    const known = views.get(key);
    if (known) {
      known.user = user;
      return known;
    }
    const view = this.#createView(user, sessionId, key);
    views.set(key, view);
    return view;
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
        this.#tell({ server, methods: methodsOf(kinds), ...this.#listSource(server, view, sessionId) }),
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

  /** Tells once of what changes until the readings under way are over, and not of what the server tells itself. */
  #tell({ server, methods, ...source }: CatalogChange): void {
    const key = keyOf(server, source);
    const news = methods.filter((method) => !this.#announced.get(key)?.has(method));
    const pending = this.#pending.get(key);
    for (const method of news) pending?.add(method);
    if (pending || news.length === 0) return;
    this.#pending.set(key, new Set(news));
    void this.#flush(key, server, source);
  }

  async #flush(key: string, server: string, source: Pick<CatalogChange, 'sessionId' | 'credentials'>): Promise<void> {
    const reading = this.#slots(server, source).filter(({ isReading }) => isReading);
    await Promise.all(reading.map((slot) => slot.settled()));
    const methods = [...(this.#pending.get(key) ?? [])];
    this.#pending.delete(key);
    this.#options.onChange({ server, methods, ...source });
  }

  /** What is read over the connection of one session, or over those that many share. */
  #slots(server: string, { sessionId, credentials = '' }: ListSource): readonly ListSlot[] {
    const { pool } = this.#options;
    if (sessionId !== undefined) {
      const own = [...this.#sessions].flatMap(([key, view]) => (isOfSession(key, sessionId) ? [view] : []));
      return slotsOf(own, server);
    }
    const views = this.#views().filter(({ user }) => credentialsFor(pool, server, user) === credentials);
    return slotsOf(views, server).filter(({ isOwn }) => !isOwn);
  }

  #views(): CatalogView[] {
    const personal = this.#personal.entries().map(([, view]) => view);
    return [...this.#shared.values(), ...personal, ...this.#sessions.values()];
  }
}

function slotsOf(views: Iterable<CatalogView>, server: string): readonly ListSlot[] {
  return [...views].flatMap((view) => view.slot(server) ?? []);
}

function keyOf(server: string, { sessionId = '', credentials = '' }: ListSource): string {
  return `${sessionId} ${credentials} ${server}`;
}

/** The key of a session's view is the session, or begins with it. */
function isOfSession(key: string, sessionId: string): boolean {
  return key === sessionId || key.startsWith(`${sessionId} `);
}

/** Resources and templates change together: there is one notification for both. */
function methodsOf(kinds: readonly ListName[]): string[] {
  return [...new Set(kinds.map((kind) => `notifications/${listKinds[kind].capability}/list_changed`))];
}

import type { Clock, Logger, View } from '@hostler/kernel';
import type { ListName } from '@hostler/protocol';
import { fullView } from '@hostler/router';
import type { Conflict } from '@hostler/router';
import type { ConnectionUser, Pool, UpstreamState } from '@hostler/upstream';
import type { CatalogCache } from './catalog-cache.ts';
import { ComposedCatalogs } from './composed-catalogs.ts';
import { isConsentError, signInLists } from './consent/sign-in.ts';
import type { DriftWatch } from './drift/drift-watch.ts';
import type { ListReader } from './list-reader.ts';
import { ListSlot } from './list-slot.ts';
import type { SlotReading } from './list-slot.ts';
import type { ServedCatalog } from './served-catalog.ts';
import { changedKinds, NO_LISTS } from './server-lists.ts';

export interface CatalogViewOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reader: ListReader;
  readonly cache: CatalogCache;
  /** Absent: definitions are not compared with anything. */
  readonly drift?: DriftWatch | undefined;
  /** For whom the lists are read: they may differ by era, and by the capabilities of a client. */
  readonly user: ConnectionUser;
  /** Brings what is kept from an earlier run. Never rejects. */
  readonly recall: (server: string, slot: ListSlot) => Promise<void>;
  /** Lists were read, and are other than they were in these kinds. */
  readonly onRead: (server: string, slot: ListSlot, kinds: readonly ListName[]) => void;
  /** The same, where clients were given the lists as they were. */
  readonly onChange: (server: string, kinds: readonly ListName[]) => void;
}

/** Milliseconds that a first list waits for servers that are starting. */
const FIRST_WAIT = 10_000;
/** Milliseconds that it waits for a server that is up, when there are lists of it from an earlier run. */
const CONFIRM_WAIT = 1_000;
/** Milliseconds that a request for something unknown waits for lists that are being read. */
const MISS_WAIT = 5_000;

/**
 * The lists of all servers as one kind of client sees them. Reading goes on behind what is served: only the first list of
 * all waits.
 */
export class CatalogView {
  /** For whom lists are read from now on. */
  user: ConnectionUser;
  readonly #options: CatalogViewOptions;
  readonly #slots = new Map<string, ListSlot>();
  /** Servers that nobody waits for any more. */
  readonly #waited = new Set<string>();
  /** Servers that are read when somebody asks. */
  readonly #later = new Set<string>();
  #isOpen = false;
  #opening: Promise<void> | undefined;
  readonly #composed: ComposedCatalogs;
  #dueAt = Infinity;
  #readings = 0;

  constructor(options: CatalogViewOptions) {
    this.#options = options;
    const { user, pool, cache, drift } = options;
    this.user = user;
    this.#composed = new ComposedCatalogs({
      pool,
      cache,
      drift,
      era: user.client.era,
      slots: this.#slots,
      readings: () => this.#readings,
      clock: options.clock,
    });
  }

  /** All servers together. Without a promise once the first wait is over. */
  all(view: View): ServedCatalog | Promise<ServedCatalog> {
    if (!this.#isOpen) {
      this.#opening ??= this.#open();
      return this.#opening.then(() => this.#composed.all(view));
    }
    if (this.#later.size > 0) return this.#readLater().then(() => this.#composed.all(view));
    this.#readDue();
    return this.#composed.all(view);
  }

  /** One server under its own names. */
  one(server: string, view: View): ServedCatalog | Promise<ServedCatalog> {
    if (!this.#waited.has(server)) return this.#waitFor(server).then(() => this.#composed.one(server, view));
    this.#readDue();
    return this.#composed.one(server, view);
  }

  /** What an operator should know of the lists. */
  async conflicts(): Promise<readonly Conflict[]> {
    const { conflicts } = await this.all(fullView);
    return [...[...this.#slots.values()].flatMap(({ known }) => known?.conflicts ?? []), ...conflicts];
  }

  slot(server: string): ListSlot | undefined {
    return this.#slots.get(server);
  }

  /** Whether clients were given lists of this server, or lists without it. */
  hasGiven(server: string): boolean {
    return this.#isOpen || this.#waited.has(server);
  }

  /** Resolves when what is being read is read, or after a while; undefined when nothing is. */
  settled(): Promise<void> | undefined {
    const reading = [...this.#slots.values()].filter(({ isReading }) => isReading);
    return reading.length === 0
      ? undefined
      : this.#atMost(MISS_WAIT, Promise.all(reading.map((slot) => slot.settled())));
  }

  /** The state of a server is another: what was composed may not be right any more. */
  onState({ name, status, phase }: UpstreamState): void {
    if (this.#isOpen && !this.#slots.has(name) && this.#isListed(name)) void this.#waitFor(name);
    const slot = this.#slots.get(name);
    if (status !== 'up') slot?.doubt();
    // One that rests is not woken for this.
    else if (phase !== 'closed') void slot?.confirm();
    this.#composed.clear(name);
  }

  /** What is known of it is not right any more; it is read again when somebody asks. */
  readLater(server: string): void {
    this.#slots.delete(server);
    this.#waited.delete(server);
    if (this.#isOpen) this.#later.add(server);
    this.#composed.clear(server);
  }

  /** @returns the kinds that the server had */
  forget(server: string): readonly ListName[] {
    const known = this.#slots.get(server)?.known;
    this.#slots.delete(server);
    this.#waited.delete(server);
    this.#later.delete(server);
    this.#composed.clear(server);
    return changedKinds(known?.lists ?? NO_LISTS, NO_LISTS);
  }

  /** Definitions are believed in another way than before. */
  reassess(): void {
    this.#composed.clear();
  }

  async #open(): Promise<void> {
    await Promise.all(this.#options.pool.names().map((name) => this.#waitFor(name)));
    this.#isOpen = true;
  }

  async #readLater(): Promise<void> {
    const servers = [...this.#later];
    await Promise.all(servers.filter((server) => this.#isListed(server)).map((server) => this.#waitFor(server)));
    for (const server of servers) this.#later.delete(server);
  }

  /** Resolves when there is something of this server to list, or no more reason to wait for it. */
  async #waitFor(server: string): Promise<void> {
    const slot = this.#slot(server);
    await this.#options.recall(server, slot);
    if (slot.known && this.hasGiven(server)) this.#options.onChange(server, changedKinds(NO_LISTS, slot.known.lists));
    const reading = slot.settled();
    if (slot.known === undefined) await this.#atMost(FIRST_WAIT, reading);
    else if (this.#isUp(server)) await this.#atMost(CONFIRM_WAIT, reading);
    this.#waited.add(server);
    this.#composed.clear(server);
  }

  async #atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(milliseconds, resolve);
    await Promise.race([work, promise]);
    cancel();
  }

  /** A member of a group is not: the group is. */
  #isListed(server: string): boolean {
    return this.#options.pool.names().includes(server);
  }

  #isUp(server: string): boolean {
    const state = this.#options.pool.state(server);
    return state?.status === 'up' && state.phase !== 'closed';
  }

  #slot(server: string): ListSlot {
    const present = this.#slots.get(server);
    if (present) return present;
    const { clock, log, onRead, onChange } = this.#options;
    const slot: ListSlot = new ListSlot({
      server,
      clock,
      log,
      read: () => this.#read(server),
      onRead: () => this.#noteReading(slot),
      onChange: (kinds) => {
        if (this.#slots.get(server) !== slot) return;
        this.#composed.clear(server);
        onRead(server, slot, kinds);
        if (this.hasGiven(server) && kinds.length > 0) onChange(server, kinds);
      },
    });
    this.#slots.set(server, slot);
    return slot;
  }

  async #read(server: string): Promise<SlotReading> {
    const { pool, reader } = this.#options;
    const { user } = this;
    const { client } = user;
    const connection = await connectionOrSignIn(pool, server, user);
    if ('lists' in connection) return { lists: connection, isOwn: false };
    const lists = await reader.read(server, connection, client);
    // A legacy server has a connection for each client that it may ask.
    const isOwn =
      client.session !== undefined && connection.era === 'legacy' && pool.spec(server)?.interactive === true;
    return { lists, isOwn };
  }

  #readDue(): void {
    const { clock, reader } = this.#options;
    const now = clock.now();
    if (now < this.#dueAt) return;
    for (const [server, slot] of this.#slots) {
      if (now < slot.dueAt || slot.isReading || !this.#isUp(server)) continue;
      reader.outdate(server);
      void slot.refresh();
    }
    const due = [...this.#slots.values()].map((slot) => slot.dueAt);
    this.#dueAt = Math.max(Math.min(...due, Infinity), now + LOOK_PAUSE);
  }

  /** What was promised, and when it is to be read again, may be other than before. */
  #noteReading(slot: ListSlot): void {
    this.#readings += 1;
    const due = Math.max(slot.dueAt, this.#options.clock.now() + LOOK_PAUSE);
    if (due < this.#dueAt) this.#dueAt = due;
  }
}

async function connectionOrSignIn(pool: Pool, server: string, user: ConnectionUser) {
  try {
    return await pool.connection(server, user);
  } catch (error) {
    if (isConsentError(error)) return signInLists(server, user.client.era);
    throw error;
  }
}

/** Milliseconds between two looks at what has to be read again. */
const LOOK_PAUSE = 1_000;

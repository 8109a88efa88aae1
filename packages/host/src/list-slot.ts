import type { Clock, Logger } from '@hostler/kernel';
import type { ListName } from '@hostler/protocol';
import type { KeptLists } from './catalog-store.ts';
import { changedKinds, NO_LISTS, NO_PROMISE } from './server-lists.ts';
import type { Freshness, ServerLists } from './server-lists.ts';

export interface SlotReading {
  readonly lists: ServerLists;
  /** They came over a connection that serves one client alone. */
  readonly isOwn: boolean;
}

export interface ListSlotOptions {
  readonly server: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Reads the lists anew over the connection that is up. */
  readonly read: () => Promise<SlotReading>;
  /** What was read, or lost, may promise something else than before. */
  readonly onRead: () => void;
  /** Called when something that clients can see is another than before. */
  readonly onChange: (kinds: readonly ListName[]) => void;
}

/** Milliseconds between two readings that a server asks for. */
const PAUSE = 250;
/** Milliseconds after which a list that nobody said anything about is read again when it is asked for. */
const READ_AGAIN_AFTER = 60_000;

/** What is known of one server's lists: the last reading stays good until the next one has come. */
export class ListSlot {
  readonly #options: ListSlotOptions;
  #known: ServerLists | undefined;
  #isStale = true;
  #readAt = 0;
  #isOwn = false;
  /** Counts how often the server went away. */
  #losses = 0;
  #reading: Promise<void> | undefined;
  /** A change was announced after the reading under way began. */
  #isOutdated = false;

  constructor(options: ListSlotOptions) {
    this.#options = options;
  }

  get known(): ServerLists | undefined {
    return this.#known;
  }

  /** The server has not confirmed the lists since it was last started. */
  get isStale(): boolean {
    return this.#isStale;
  }

  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  /** They were read over a connection that serves one client alone. */
  get isOwn(): boolean {
    return this.#isOwn;
  }

  /** Takes what was kept from an earlier run, unless the server itself has spoken. */
  remember(kept: KeptLists): void {
    if (this.#known) return;
    this.#known = { ...kept, freshness: {}, conflicts: [], failed: [] };
  }

  /** Never rejects; whoever asks while a reading is under way waits for the same one. */
  refresh(): Promise<void> {
    if (this.#reading) this.#isOutdated = true;
    this.#reading ??= this.#readUntilCurrent();
    return this.#reading;
  }

  /** The reading under way, or a first one. */
  settled(): Promise<void> {
    this.#reading ??= this.#readUntilCurrent();
    return this.#reading;
  }

  /** The server is there, maybe anew: what is known of it is confirmed over the connection that it has now. */
  async confirm(): Promise<void> {
    await this.#reading;
    await this.refresh();
  }

  /** The server went away: what is known of it is no longer confirmed. */
  doubt(): void {
    this.#losses += 1;
    if (this.#isStale) return;
    this.#isStale = true;
    this.#options.onRead();
    this.#options.onChange([]);
  }

  freshness(kind: ListName): Freshness | undefined {
    if (!this.#known) return NO_PROMISE;
    if (this.#isStale) return this.#known.lists[kind].length > 0 ? NO_PROMISE : undefined;
    const promised = this.#known.freshness[kind];
    if (promised === undefined) return undefined;
    const age = this.#options.clock.now() - this.#readAt;
    return { ...promised, ttlMs: Math.max(0, promised.ttlMs - Math.ceil(age)) };
  }

  /** When the lists are to be read again although no change was announced. */
  get dueAt(): number {
    if (this.#known === undefined || this.#isStale) return Infinity;
    const promises = Object.values(this.#known.freshness).map(({ ttlMs }) => ttlMs);
    const shortest = Math.min(...promises.filter((ttlMs) => ttlMs > 0), READ_AGAIN_AFTER);
    return this.#readAt + Math.max(shortest, PAUSE);
  }

  async #readUntilCurrent(): Promise<void> {
    // A reading that fails at once would end before it is known to be under way.
    await Promise.resolve();
    try {
      do {
        this.#isOutdated = false;
        await this.#readOnce();
        if (this.#isOutdated) await this.#pause();
      } while (this.#isOutdated);
    } finally {
      this.#reading = undefined;
    }
  }

  async #readOnce(): Promise<void> {
    const { server, log, clock, read, onChange } = this.#options;
    const losses = this.#losses;
    try {
      const { lists, isOwn } = await read();
      const before = this.#known;
      const after = completed(lists, before);
      const changed = changedKinds(before?.lists ?? NO_LISTS, after.lists);
      const isNews = before === undefined || this.#isStale || changed.length > 0;
      // The same definitions stay the same object, so that nothing is made from them anew.
      this.#known = before && changed.length === 0 ? { ...after, lists: before.lists } : after;
      this.#isOwn = isOwn;
      this.#readAt = clock.now();
      if (losses === this.#losses) this.#isStale = false;
      this.#options.onRead();
      if (isNews) onChange(changed);
    } catch (error) {
      log.debug({ server, error }, 'the lists of the server could not be read');
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(PAUSE, resolve));
  }
}

/** A list that could not be read is as it was before. */
function completed(lists: ServerLists, before: ServerLists | undefined): ServerLists {
  if (lists.failed.length === 0 || before === undefined) return lists;
  const kept = Object.fromEntries(lists.failed.map((kind) => [kind, before.lists[kind]]));
  return { ...lists, lists: { ...lists.lists, ...kept } };
}

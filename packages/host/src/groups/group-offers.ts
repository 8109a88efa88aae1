import type { GroupSpec } from '@hostler/kernel';
import type { ListName } from '@hostler/protocol';
import { offerGroup, offerServer } from '@hostler/router';
import type { Candidate, DefinitionLists, OfferedGroup, OfferedServer } from '@hostler/router';
import type { ConnectionUser, Pool } from '@hostler/upstream';
import type { CatalogStore } from '../catalog-store.ts';
import type { DriftWatch } from '../drift/drift-watch.ts';
import type { ListReader } from '../list-reader.ts';

export interface GroupOffersOptions {
  readonly group: GroupSpec;
  readonly pool: Pool;
  readonly reader: ListReader;
  /** Whose view it is: members may show other things to clients of another era. */
  readonly user: ConnectionUser;
  /** Where the members' lists are kept from one run to the next. */
  readonly store?: CatalogStore | undefined;
  /** Absent: definitions are not compared with anything. */
  readonly drift?: DriftWatch | undefined;
}

/** What the members of one group offer together. A member that cannot be read keeps what it offered last. */
export class GroupOffers {
  readonly #options: GroupOffersOptions;
  readonly #lists = new Map<string, DefinitionLists>();
  #current: OfferedGroup | undefined;
  /** Of what was read so far, while some of it may be old. */
  #known: OfferedGroup | undefined;
  #reading: Promise<OfferedGroup> | undefined;
  /** Resolves when the next member has been read. */
  #progress = Promise.withResolvers<void>();
  #version = 0;

  constructor(options: GroupOffersOptions) {
    this.#options = options;
  }

  /** Without a promise while nothing changed. */
  current(): OfferedGroup | Promise<OfferedGroup> {
    return this.#current ?? (this.#reading ??= this.#read());
  }

  /**
   * The members that have it: none is waited for once one of them is known to, since they stand in for each other.
   * @param only the one member that will do
   */
  async candidates(kind: ListName, key: string, only?: string): Promise<readonly Candidate[]> {
    const find = (offered: OfferedGroup): readonly Candidate[] => {
      const all = offered.candidates(kind, key);
      return only === undefined ? all : all.filter(({ member }) => member.server === only);
    };
    const reading = this.current();
    if (!(reading instanceof Promise)) return find(reading);
    for (;;) {
      const found = find(this.#offeredSoFar());
      if (found.length > 0) return found;
      // oxlint-disable-next-line no-await-in-loop -- each member that was read may have it
      const whole = await Promise.race([reading, this.#progress.promise]);
      if (whole !== undefined) return find(whole);
    }
  }

  /** A member changed what it offers, or came. */
  outdate(): void {
    this.#version += 1;
    this.#current = undefined;
    this.#known = undefined;
    this.#reading = undefined;
  }

  async #read(): Promise<OfferedGroup> {
    const version = this.#version;
    await Promise.all(this.#options.group.members.map(({ server }) => this.#readMember(server)));
    const offered = this.#offeredSoFar();
    // What was read while something changed is good for those who wait, and for nobody after them.
    if (version === this.#version) this.#current = offered;
    return offered;
  }

  async #readMember(server: string): Promise<void> {
    const { pool, reader, user, store } = this.#options;
    const spec = pool.spec(server);
    try {
      const { era, lists, failed } = await reader.read(server, await pool.connection(server, user), user.client);
      this.#observe(server, lists);
      if (spec !== undefined && failed.length === 0) void store?.save(spec, { era, lists });
    } catch {
      // Its state tells why; the others stand in for it.
      const kept = spec && !this.#lists.has(server) ? await store?.load(spec) : undefined;
      if (kept === undefined) return;
      this.#observe(server, kept.lists);
    }
    this.#known = undefined;
    this.#progress.resolve();
    this.#progress = Promise.withResolvers();
  }

  #observe(server: string, lists: DefinitionLists): void {
    const { group, user, drift } = this.#options;
    this.#lists.set(server, lists);
    drift?.observe(server, `${group.name} ${user.client.era}`, lists);
  }

  /** Definitions are believed in another way than before. */
  reassess(): void {
    this.#known = undefined;
    if (this.#lists.size === 0) return;
    const offered = this.#offeredSoFar();
    if (this.#current !== undefined) this.#current = offered;
  }

  /** With what the configuration says of each member now. */
  #offeredSoFar(): OfferedGroup {
    if (this.#known !== undefined) return this.#known;
    const { group, pool, drift, user } = this.#options;
    const members = new Map<string, OfferedServer>();
    for (const [server, lists] of this.#lists) {
      const spec = pool.spec(server);
      if (spec === undefined) continue;
      const trust = { suspicious: drift?.suspicious, drift: drift?.driftOf(server, lists, user.client.era) };
      members.set(server, offerServer({ server, lists, offer: spec.offer, naming: 'own', ...trust }));
    }
    this.#known = offerGroup({ group, members, naming: 'own' });
    drift?.noteGroup(this.#known.offered, user.client.era);
    return this.#known;
  }
}

import type { GroupSpec } from '@hostler/kernel';
import { offerGroup, offerServer } from '@hostler/router';
import type { OfferedGroup, OfferedServer } from '@hostler/router';
import type { ConnectionUser, Pool } from '@hostler/upstream';
import type { ListReader } from '../list-reader.ts';

export interface GroupOffersOptions {
  readonly group: GroupSpec;
  readonly pool: Pool;
  readonly reader: ListReader;
  /** Whose view it is: members may show other things to clients of another era. */
  readonly user: ConnectionUser;
}

/** What the members of one group offer together. A member that cannot be read keeps what it offered last. */
export class GroupOffers {
  readonly #options: GroupOffersOptions;
  readonly #members = new Map<string, OfferedServer>();
  #current: OfferedGroup | undefined;
  #reading: Promise<OfferedGroup> | undefined;
  #version = 0;

  constructor(options: GroupOffersOptions) {
    this.#options = options;
  }

  /** Without a promise while nothing changed. */
  current(): OfferedGroup | Promise<OfferedGroup> {
    return this.#current ?? (this.#reading ??= this.#read());
  }

  /** A member changed what it offers, or came. */
  outdate(): void {
    this.#version += 1;
    this.#current = undefined;
    this.#reading = undefined;
  }

  async #read(): Promise<OfferedGroup> {
    const { group } = this.#options;
    const version = this.#version;
    await Promise.all(group.members.map(({ server }) => this.#readMember(server)));
    const offered = offerGroup({ group, members: this.#members, naming: 'own' });
    // What was read while something changed is good for those who wait, and for nobody after them.
    if (version === this.#version) this.#current = offered;
    return offered;
  }

  async #readMember(server: string): Promise<void> {
    const { pool, reader, user } = this.#options;
    try {
      const { lists } = await reader.read(server, await pool.connection(server, user), user.client);
      this.#members.set(server, offerServer({ server, lists, offer: pool.spec(server)?.offer, naming: 'own' }));
    } catch {
      // Its state tells why; the others stand in for it.
    }
  }
}

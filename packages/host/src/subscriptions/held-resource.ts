import type { Logger } from '@hostler/kernel';
import type { Pool, ResourceHold } from '@hostler/upstream';
import { credentialsFor, credentialsIn } from '../credentials-for.ts';
import type { Watcher } from './watcher.ts';

export interface HeldResourceOptions {
  readonly pool: Pool;
  readonly log: Logger;
  readonly watcher: Watcher;
  readonly server: string;
  /** The server's own URI. */
  readonly uri: string;
  /** The URI under which the client asked for it, and is told of it. */
  readonly clientUri: string;
  /** The server's connection ended, and what was held on it. */
  readonly onLost: (held: HeldResource) => void;
}

/** One resource that one client waits to hear of. It outlives the connection over which its server tells of it. */
export class HeldResource {
  readonly server: string;
  readonly uri: string;
  readonly clientUri: string;
  readonly watcher: Watcher;
  readonly #options: HeldResourceOptions;
  #hold: ResourceHold | undefined;
  #isOver = false;
  /** Of the latest attempt: an earlier one that is still under way counts no more. */
  #attempt = 0;
  #attempts = 0;

  constructor(options: HeldResourceOptions) {
    const { server, uri, clientUri, watcher } = options;
    this.server = server;
    this.uri = uri;
    this.clientUri = clientUri;
    this.watcher = watcher;
    this.#options = options;
  }

  /** It is held nowhere, and nothing is under way to change that. */
  get isLost(): boolean {
    return this.#hold === undefined && this.#attempts === 0 && !this.#isOver;
  }

  /** While the server has not answered yet, what it says may come over any of its connections with the same credentials. */
  isToldOver(source: string): boolean {
    if (this.#hold !== undefined) return this.#hold.source === source;
    const { pool, server, watcher } = this.#options;
    return credentialsIn(source) === credentialsFor(pool, server, watcher.user);
  }

  /**
   * Subscribes at the server, over the connection that serves the client now.
   * @returns what the server said
   * @throws UPSTREAM_*, SECRET_*
   */
  async acquire(): Promise<ResourceHold> {
    const { pool, server, uri, watcher, onLost } = this.#options;
    const attempt = ++this.#attempt;
    const former = this.#hold;
    this.#hold = undefined;
    this.#attempts += 1;
    try {
      const hold = await pool.subscribe(server, uri, watcher.user, () => {
        if (this.#isOver || attempt !== this.#attempt) return;
        this.#hold = undefined;
        onLost(this);
      });
      if (this.#isOver || attempt !== this.#attempt) hold.release();
      else if (hold.accepted) this.#hold = hold;
      return hold;
    } finally {
      this.#attempts -= 1;
      // Afterwards: on a connection that both are on, the subscription as such never ends.
      former?.release();
    }
  }

  /** Subscribes again, and tells the client: what happened in between was told to nobody. Never rejects. */
  async renew(): Promise<void> {
    const { log, server } = this.#options;
    if (this.#isOver) return;
    try {
      const { accepted } = await this.acquire();
      if (!accepted) log.warn({ server }, 'a subscription was refused after the server came back');
    } catch (error) {
      log.debug({ server, error }, 'a subscription was not made again');
      if (!this.#isOver) this.#options.onLost(this);
      return;
    }
    if (!this.#isOver) {
      this.watcher.notify({ method: 'notifications/resources/updated', params: { uri: this.clientUri } });
    }
  }

  release(): void {
    this.#isOver = true;
    this.#hold?.release();
    this.#hold = undefined;
  }
}

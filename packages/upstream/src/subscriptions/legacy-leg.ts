import type { Logger, Outcome } from '@hostler/kernel';
import type { Connection } from '../connection.ts';
import { ownRequest } from './own-request.ts';
import type { Acceptance, SubscriptionLeg } from './subscription-leg.ts';

export interface LegacyLegOptions {
  readonly server: string;
  readonly connection: Connection;
  readonly log: Logger;
}

/** A server that has just come back is asked for everything at once; it gets it in portions. */
const AT_A_TIME = 8;

/** One `resources/subscribe` for each resource. Source: MCP 2025-11-25, server/resources. */
export class LegacyLeg implements SubscriptionLeg {
  readonly #options: LegacyLegOptions;
  readonly #lifetime = new AbortController();
  /** The last request about each resource: over HTTP two requests at a time may overtake each other. */
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(options: LegacyLegOptions) {
    this.#options = options;
  }

  add(uri: string): Promise<Acceptance> {
    return this.#inTurn(uri, async () => {
      const answer = await this.#request('resources/subscribe', uri);
      return { accepted: answer.kind === 'result', answer };
    });
  }

  remove(uri: string): void {
    const { log, server } = this.#options;
    this.#inTurn(uri, () => this.#request('resources/unsubscribe', uri)).catch((error: unknown) => {
      if (!this.#lifetime.signal.aborted) log.debug({ server, error }, 'a subscription was not taken back');
    });
  }

  stop(): void {
    this.#lifetime.abort(new DOMException('The connection ended', 'AbortError'));
  }

  async #request(method: string, uri: string): Promise<Outcome> {
    const { connection, server } = this.#options;
    if (this.#running >= AT_A_TIME) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running += 1;
    try {
      return await connection.request(ownRequest({ server, method, params: { uri }, signal: this.#lifetime.signal }));
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  /** Without a turn of the queue when nothing is under way: what the server sends next may be about this already. */
  #inTurn<T>(uri: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(uri);
    const result = before === undefined ? work() : before.then(work);
    const settled: Promise<unknown> = result
      .catch(() => {})
      .then(() => {
        if (this.#last.get(uri) === settled) this.#last.delete(uri);
      });
    this.#last.set(uri, settled);
    return result;
  }
}

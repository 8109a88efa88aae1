import type { Client, ClientSession, Exchange, Notification, Outcome } from '@hostler/kernel';
import { Payload } from '@hostler/kernel';
import { newestLegacyRevision } from '@hostler/protocol';
import type { Connection } from '../connection.ts';
import { upstreamErrors } from '../errors.ts';
import { hostAsClient } from '../host-info.ts';
import type { ConnectionUser, Pool, PoolEvent } from '../pool.ts';
import type { ResourceHold } from '../subscriptions/connection-subscriptions.ts';
import type { ExchangeWords, FromUser } from './relay-messages.ts';
import { RelayedExchange } from './relayed-exchange.ts';
import type { RelayQuestions } from './relay-questions.ts';

export interface OwnerConnectionOptions extends Omit<Extract<FromUser, { kind: 'open' }>, 'kind'> {
  readonly pool: Pool;
  /** What the process at the other end is called. */
  readonly user: string;
  readonly questions: RelayQuestions;
}

/** The client that another process is to a server that may not know the modern era. */
const legacyHost: Client = { ...hostAsClient, era: 'legacy', protocolVersion: newestLegacyRevision };
const DONE = Buffer.from('{}');

/** One connection of another process: which of the pool's it stands for is looked up for each call, as for clients here. */
export class OwnerConnection {
  readonly server: string;
  readonly #options: OwnerConnectionOptions;
  readonly #connectionUser: ConnectionUser;
  readonly #sessionId: string | undefined;
  /** By URI: two processes may hold the same one, and the server knows of one subscription. */
  readonly #holds = new Map<string, ResourceHold>();

  constructor(options: OwnerConnectionOptions) {
    const { server, connection, user, client, era } = options;
    this.server = server;
    this.#options = options;
    if (client === undefined) {
      this.#connectionUser = { consumer: { name: 'hostler' }, client: era === 'legacy' ? legacyHost : hostAsClient };
      return;
    }
    this.#sessionId = `${user} ${connection}`;
    // Of the legacy era whatever it is there: so that the connection is its own, and ends with this one.
    const own: Client = { ...client, era: 'legacy', session: this.#session(this.#sessionId) };
    this.#connectionUser = { consumer: { name: 'hostler' }, client: own };
  }

  get isShared(): boolean {
    return this.#sessionId === undefined;
  }

  /** @throws UPSTREAM_*, SECRET_* */
  async open(): Promise<Pick<Connection, 'era' | 'server'>> {
    const { pool, era: wanted } = this.#options;
    const { era, server } = await pool.connection(this.server, this.#connectionUser);
    if (wanted === 'auto' || wanted === era) return { era, server };
    const problem = `It does not speak the ${wanted} era.`;
    throw upstreamErrors.UNAVAILABLE({ details: { server: this.server, problem, mayHaveRun: false } });
  }

  exchange(number: number, words: ExchangeWords, notify: (notification: Notification) => void): RelayedExchange {
    const { questions } = this.#options;
    return new RelayedExchange({
      number,
      server: this.server,
      words,
      notify,
      ask: (request, signal) => questions.ask({ kind: 'asked', call: number }, request, signal),
    });
  }

  /** Not async where the connection is up: a promise for each call costs. */
  request(exchange: Exchange, timeout: number | undefined): Promise<Outcome> {
    const { method } = exchange.request;
    if (method === 'resources/subscribe' || method === 'resources/unsubscribe') return this.#subscribe(exchange);
    try {
      const connection = this.#options.pool.connection(this.server, this.#connectionUser);
      if (connection instanceof Promise) return connection.then((up) => up.request(exchange, timeout));
      return connection.request(exchange, timeout);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  notify(notification: Notification): void {
    if (this.#sessionId !== undefined) this.#options.pool.notify(this.#sessionId, notification);
  }

  /** Whether what a server said outside of any exchange is for this connection. */
  hears(event: Extract<PoolEvent, { kind: 'notification' }>): boolean {
    if (event.server !== this.server) return false;
    if (this.#sessionId !== undefined || event.sessionId !== undefined) return event.sessionId === this.#sessionId;
    return event.source === this.#options.pool.source(this.server, this.#connectionUser);
  }

  close(): void {
    for (const hold of this.#holds.values()) hold.release();
    this.#holds.clear();
    if (this.#sessionId !== undefined) void this.#options.pool.endSession(this.#sessionId);
  }

  async #subscribe({ request: { method, params } }: Exchange): Promise<Outcome> {
    const { uri } = params;
    if (typeof uri !== 'string') throw new TypeError('a subscription is to a URI');
    const before = this.#holds.get(uri);
    this.#holds.delete(uri);
    before?.release();
    if (method === 'resources/subscribe') {
      const { pool } = this.#options;
      const onLost = (): void => void this.#holds.delete(uri);
      const hold = await pool.subscribe(this.server, uri, this.#connectionUser, onLost);
      if (!hold.accepted && hold.answer !== undefined) return hold.answer;
      this.#holds.set(uri, hold);
    }
    return { kind: 'result', era: 'legacy', payload: Payload.ofBytes(DONE) };
  }

  #session(id: string): ClientSession {
    const { connection, questions } = this.#options;
    return {
      id,
      // What comes over this connection alone is an event of the pool.
      notify: () => {},
      ask: (request, signal) => questions.ask({ kind: 'askedAlone', connection }, request, signal),
    };
  }
}

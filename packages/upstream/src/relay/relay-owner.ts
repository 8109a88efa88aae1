import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { Pool, PoolEvent, UpstreamState } from '../pool.ts';
import { upstreamErrors } from '../errors.ts';
import type { Link } from './link.ts';
import { fromWords, toWords } from './error-words.ts';
import { OwnerConnection } from './owner-connection.ts';
import { RELAY_PART } from './relay-messages.ts';
import type { FromOwner, FromUser } from './relay-messages.ts';
import type { RelayedExchange } from './relayed-exchange.ts';
import { RelayQuestions } from './relay-questions.ts';

export interface RelayOwnerOptions {
  readonly link: Pick<Link, 'send' | 'receive'>;
  readonly pool: Pool;
  readonly log: Logger;
  /** What the process at the other end is called, within this one. */
  readonly user: string;
}

/** How a server stood when the other process was last told of it. */
interface Standing {
  readonly restarts: number;
  readonly server: ServerDescription | undefined;
}

/** Serves the connections of this process's pool to another process of the same host, one link. */
export class RelayOwner {
  readonly #options: RelayOwnerOptions;
  readonly #connections = new Map<number, OwnerConnection>();
  /** By number, as `RequestTable` has it: a `Map` that changes with every call costs the collector. */
  readonly #calls: Record<number, RelayedExchange> = Object.create(null) as Record<number, RelayedExchange>;
  readonly #questions: RelayQuestions;
  readonly #standings = new Map<string, Standing>();
  readonly #unsubscribe: () => void;

  constructor(options: RelayOwnerOptions) {
    const { link, pool } = options;
    this.#options = options;
    this.#questions = new RelayQuestions((message) => this.send(message));
    this.#unsubscribe = pool.onEvent((event) => this.#onEvent(event));
    link.receive(RELAY_PART, (message) => this.#receive(message as FromUser));
  }

  send(message: FromOwner, payload?: Uint8Array): void {
    this.#options.link.send(RELAY_PART, message, payload);
  }

  /** The other end is gone: what it waits for is of no use to anybody. */
  close(): void {
    this.#unsubscribe();
    const reason = upstreamErrors.UNAVAILABLE({ details: { server: '', mayHaveRun: true } });
    this.#questions.close(reason);
    for (const exchange of Object.values(this.#calls)) exchange.cancel(reason);
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  #receive(message: FromUser): void {
    switch (message.kind) {
      case 'call':
        return this.#call(message);
      case 'cancel':
        return this.#calls[message.call]?.cancel(fromWords(message.reason));
      case 'open':
        return void this.#open(message);
      case 'close':
        this.#connections.get(message.connection)?.close();
        return void this.#connections.delete(message.connection);
      case 'notify':
        return this.#connections.get(message.connection)?.notify(message.notification);
      case 'answer':
      case 'unanswered':
        return this.#questions.settle(message);
    }
  }

  async #open(message: Extract<FromUser, { kind: 'open' }>): Promise<void> {
    const { connection: number, server: name } = message;
    const { pool, user } = this.#options;
    const connection = new OwnerConnection({ ...message, pool, user, questions: this.#questions });
    this.#connections.set(number, connection);
    try {
      const { era, server } = await connection.open();
      if (!this.#standings.has(name)) this.#remember(pool.states().find((state) => state.name === name));
      this.send({ kind: 'opened', connection: number, era, server });
    } catch (error) {
      this.#connections.delete(number);
      connection.close();
      this.send({ kind: 'refused', connection: number, error: toWords(error, name) });
    }
  }

  #call({ connection: number, call, exchange: words, timeout }: Extract<FromUser, { kind: 'call' }>): void {
    const connection = this.#connections.get(number);
    const server = connection?.server ?? '';
    const fail = (error: unknown): void => {
      this.#forget(call);
      this.send({ kind: 'failed', call, error: toWords(error, server) });
    };
    if (connection === undefined) return fail(upstreamErrors.UNAVAILABLE({ details: { server, mayHaveRun: false } }));
    const exchange = connection.exchange(call, words, (notification) =>
      this.send({ kind: 'told', call, notification }),
    );
    this.#calls[call] = exchange;
    connection.request(exchange, timeout).then(({ kind: member, era, payload }) => {
      this.#forget(call);
      this.send({ kind: 'outcome', call, member, era }, payload.bytes());
    }, fail);
  }

  #forget(call: number): void {
    // oxlint-disable-next-line typescript/no-dynamic-delete -- a dictionary: what is gone must not be held
    delete this.#calls[call];
  }

  #onEvent(event: PoolEvent): void {
    if (event.kind === 'state') return this.#onState(event.state);
    for (const [number, connection] of this.#connections) {
      if (connection.hears(event)) {
        this.send({ kind: 'event', connection: number, notification: event.notification });
      }
    }
  }

  /** A server that went takes its connections with it; one that came anew, or was replaced, is connected to anew. */
  #onState(state: UpstreamState): void {
    const { name, status, restarts } = state;
    const before = this.#standings.get(name);
    if (status !== 'up') return this.#end(state);
    this.#remember(state);
    if (before === undefined) return;
    const isSame = before.restarts === restarts && before.server !== undefined;
    if (!isSame || !isDeepStrictEqual(before.server, state.server)) this.send({ kind: 'renewed', server: name });
  }

  #end({ name, restarts, problem = 'It is not up.' }: UpstreamState): void {
    if (!this.#standings.has(name)) return;
    this.#standings.set(name, { restarts, server: undefined });
    for (const [number, connection] of this.#connections) {
      if (connection.server !== name || !connection.isShared) continue;
      this.#connections.delete(number);
      connection.close();
      const error = upstreamErrors.UNAVAILABLE({ details: { server: name, problem, mayHaveRun: false } });
      this.send({ kind: 'ended', connection: number, error: toWords(error, name) });
    }
  }

  #remember(state: UpstreamState | undefined): void {
    if (state !== undefined) this.#standings.set(state.name, { restarts: state.restarts, server: state.server });
  }
}

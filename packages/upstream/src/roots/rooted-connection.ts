import type { Clock, Era, Exchange, Notification, Outcome } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection } from '../connection.ts';
import { LISTEN } from '../pipe/open-calls.ts';
import { createRootAnswers } from './root-answers.ts';
import type { RootAnswers } from './root-answers.ts';
import { RootedExchange } from './rooted-exchange.ts';
import type { ServerRoots } from './server-roots.ts';

export function rooted(connection: Connection, roots: ServerRoots, clock: Clock): Connection {
  return new RootedConnection(connection, roots, createRootAnswers(roots, clock));
}

/** A connection to a server whose folders are configured: what leads out of them does not reach it. */
class RootedConnection implements Connection {
  readonly era: Era;
  readonly #inner: Connection;
  readonly #roots: ServerRoots;
  readonly #answers: RootAnswers;

  constructor(inner: Connection, roots: ServerRoots, answers: RootAnswers) {
    this.era = inner.era;
    this.#inner = inner;
    this.#roots = roots;
    this.#answers = answers;
  }

  get server(): ServerDescription {
    return this.#inner.server;
  }

  get heard(): number | undefined {
    return this.#inner.heard;
  }

  get renewSecrets(): Connection['renewSecrets'] {
    return this.#inner.renewSecrets;
  }

  request(exchange: Exchange, timeout?: number): Promise<Outcome> {
    const { request } = exchange;
    if (request.method === LISTEN) return this.#listen(exchange);
    const checked = this.#roots.check(request);
    return checked === undefined ? this.#send(exchange, timeout) : checked.then(() => this.#send(exchange, timeout));
  }

  notify(notification: Notification): void {
    this.#inner.notify(notification);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** A legacy server asks for its roots when it likes; a modern one in its results. */
  #send(exchange: Exchange, timeout?: number): Promise<Outcome> {
    if (this.era === 'legacy') return this.#inner.request(exchange, timeout);
    return this.#answers.complete(exchange, (next) => this.#inner.request(next, timeout));
  }

  /** Several clients may share one subscription: a resource outside is left out, and not acknowledged. */
  async #listen(exchange: Exchange): Promise<Outcome> {
    const { method, params } = exchange.request;
    const notifications = params['notifications'] as Partial<Record<string, readonly unknown[]>> | undefined;
    const wanted = notifications?.['resourceSubscriptions'];
    if (!Array.isArray(wanted)) return this.#inner.request(exchange);
    const allowed = await Promise.all(wanted.map((uri: unknown) => this.#roots.allowsResource(String(uri))));
    const resourceSubscriptions = wanted.filter((_, index) => allowed[index]);
    const kept = { ...params, notifications: { ...notifications, resourceSubscriptions } };
    return this.#inner.request(new RootedExchange(exchange, { method, params: kept }));
  }
}

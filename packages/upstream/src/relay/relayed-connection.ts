import type { ClientAnswer, ClientRequest, Era, Exchange, HostlerError, Notification, Outcome } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { ConnectContext, Connection } from '../connection.ts';
import { upstreamErrors } from '../errors.ts';
import type { RelayUser } from './relay-user.ts';

export interface RelayedConnectionOptions {
  readonly number: number;
  readonly era: Era;
  readonly server: ServerDescription;
  readonly context: ConnectContext;
  readonly user: RelayUser;
}

/**
 * A connection that another process has, as this one uses it. Bounds, deadlines, the watch for a server that hangs and the
 * look for secrets are there, where the server is; results pass as bytes.
 */
export class RelayedConnection implements Connection {
  readonly number: number;
  readonly era: Era;
  readonly server: ServerDescription;
  readonly #context: ConnectContext;
  readonly #user: RelayUser;
  #isOver = false;

  constructor({ number, era, server, context, user }: RelayedConnectionOptions) {
    this.number = number;
    this.era = era;
    this.server = server;
    this.#context = context;
    this.#user = user;
  }

  get serverName(): string {
    return this.#context.spec.name;
  }

  request(exchange: Exchange, timeout?: number): Promise<Outcome> {
    if (this.#isOver) return Promise.reject(this.#gone());
    return this.#user.call(this, exchange, timeout);
  }

  notify(notification: Notification): void {
    if (!this.#isOver) this.#user.send({ kind: 'notify', connection: this.number, notification });
  }

  onNotification(notification: Notification): void {
    this.#context.onNotification(notification);
  }

  /** A question outside of any call, which only a connection of a client's own can have. */
  ask(request: ClientRequest, signal: AbortSignal): Promise<ClientAnswer> {
    const { session } = this.#context.client ?? {};
    return session === undefined ? Promise.reject(this.#gone()) : session.ask(request, signal);
  }

  /** The server is gone at the other end, which answers the calls that are under way. */
  ended(reason: HostlerError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#user.forget(this.number);
    this.#context.onClose(reason);
  }

  close(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#isOver = true;
    this.#user.forget(this.number);
    this.#user.rejectCalls(this.number, this.#gone(true));
    this.#user.send({ kind: 'close', connection: this.number });
    return Promise.resolve();
  }

  #gone(mayHaveRun = false): HostlerError {
    return upstreamErrors.UNAVAILABLE({ details: { server: this.serverName, mayHaveRun } });
  }
}

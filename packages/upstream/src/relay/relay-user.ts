import type { Client, Exchange, HostlerError, Outcome, StdioSpec } from '@hostler/kernel';
import { Payload } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';
import type { Connect, ConnectContext } from '../connection.ts';
import { upstreamErrors } from '../errors.ts';
import { fromWords, toWords } from './error-words.ts';
import type { Link } from './link.ts';
import { RelayedCall } from './relayed-call.ts';
import { RelayedConnection } from './relayed-connection.ts';
import { RELAY_PART } from './relay-messages.ts';
import type { FromOwner, FromUser } from './relay-messages.ts';

export interface RelayUserOptions {
  readonly link: Pick<Link, 'send' | 'receive' | 'waiting'>;
  /** A server that the other end has was started again there. */
  readonly onRenewed: (server: string) => void;
}

/** What waits for the process that has the servers before calls are refused: bytes. */
const MAX_WAITING = 64 * 1024 * 1024;

/** The connections of this process to servers that another one has. */
export class RelayUser {
  readonly #options: RelayUserOptions;
  readonly #connections = new Map<number, RelayedConnection>();
  readonly #opening = new Map<number, PromiseWithResolvers<Extract<FromOwner, { kind: 'opened' }>>>();
  /** By their numbers, as `RequestTable` has it: tables of JS that grow and shrink with each call cost the collector. */
  readonly #calls: Record<number, RelayedCall> = Object.create(null) as Record<number, RelayedCall>;
  readonly #questions = new Map<number, AbortController>();
  #last = 0;

  constructor(options: RelayUserOptions) {
    this.#options = options;
    options.link.receive(RELAY_PART, (message, payload) => this.#receive(message as FromOwner, payload));
  }

  /** For the pool, in the place of what would start the servers here. */
  readonly connect: Connect = async (context) => {
    context.onPhase?.('resolving');
    await knowSecrets(context);
    context.onPhase?.('connecting');
    const connection = this.#next();
    const opened = Promise.withResolvers<Extract<FromOwner, { kind: 'opened' }>>();
    this.#opening.set(connection, opened);
    const { spec, client, signal } = context;
    const own = client && { client: factsOf(client) };
    this.send({ kind: 'open', connection, server: spec.name, era: spec.era, ...own });
    try {
      const { era, server } = await untilAborted(signal, opened.promise);
      const relayed = new RelayedConnection({ number: connection, era, server, context, user: this });
      this.#connections.set(connection, relayed);
      return relayed;
    } catch (error) {
      this.send({ kind: 'close', connection });
      throw error;
    } finally {
      this.#opening.delete(connection);
    }
  };

  send(message: FromUser): void {
    this.#options.link.send(RELAY_PART, message);
  }

  forget(connection: number): void {
    this.#connections.delete(connection);
  }

  /** Not async: the call is its own promise. */
  call(connection: RelayedConnection, exchange: Exchange, timeout: number | undefined): Promise<Outcome> {
    const server = connection.serverName;
    if (this.#options.link.waiting > MAX_WAITING) {
      const limit = `${MAX_WAITING} bytes wait for it`;
      return Promise.reject(upstreamErrors.OVERLOADED({ details: { server, limit, mayHaveRun: false } }));
    }
    const number = this.#next();
    const call = new RelayedCall(exchange, connection.number, () => this.#forgetCall(number));
    this.#calls[number] = call;
    const { request, consumer, client, logLevel, traceParent } = exchange;
    this.send({
      kind: 'call',
      connection: connection.number,
      call: number,
      exchange: { request, consumer: consumer.name, client: factsOf(client), logLevel, traceParent },
      timeout,
    });
    call.listen((reason) => {
      this.send({ kind: 'cancel', call: number, reason: toWords(reason, server) });
      call.reject(reason as Error);
    });
    return call.outcome;
  }

  /** Of a connection that is given up. */
  rejectCalls(connection: number, reason: HostlerError): void {
    for (const [number, call] of Object.entries(this.#calls)) {
      if (call.connection !== connection) continue;
      this.send({ kind: 'cancel', call: Number(number), reason: toWords(reason, '') });
      call.reject(reason);
    }
  }

  #next(): number {
    this.#last += 1;
    return this.#last;
  }

  #forgetCall(number: number): void {
    // oxlint-disable-next-line typescript/no-dynamic-delete -- a dictionary: what is gone must not be held
    delete this.#calls[number];
  }

  #receive(message: FromOwner, payload: Buffer): void {
    if ('question' in message) this.#receiveQuestion(message);
    else if ('call' in message) this.#receiveOfCall(message, payload);
    else this.#receiveOther(message);
  }

  #receiveOfCall(message: Extract<FromOwner, { kind: 'outcome' | 'failed' | 'told' }>, payload: Buffer): void {
    const call = this.#calls[message.call];
    if (message.kind === 'told') call?.exchange.notify(message.notification);
    else if (message.kind === 'failed') call?.reject(fromWords(message.error));
    else call?.resolve({ kind: message.member, era: message.era, payload: Payload.ofBytes(payload) });
  }

  #receiveOther(message: Extract<FromOwner, { kind: 'opened' | 'refused' | 'ended' | 'event' | 'renewed' }>): void {
    switch (message.kind) {
      case 'opened':
        return this.#opening.get(message.connection)?.resolve(message);
      case 'refused':
        return this.#opening.get(message.connection)?.reject(fromWords(message.error));
      case 'ended':
        return this.#connections.get(message.connection)?.ended(fromWords(message.error));
      case 'event':
        return this.#connections.get(message.connection)?.onNotification(message.notification);
      case 'renewed':
        return this.#options.onRenewed(message.server);
    }
  }

  #receiveQuestion(message: Extract<FromOwner, { question: number }>): void {
    const { question } = message;
    if (message.kind === 'withdrawn') return this.#questions.get(question)?.abort();
    const controller = new AbortController();
    this.#questions.set(question, controller);
    const { signal } = controller;
    const { request } = message;
    const asked =
      message.kind === 'asked'
        ? this.#calls[message.call]?.exchange.ask(request, signal)
        : this.#connections.get(message.connection)?.ask(request, signal);
    const answered =
      asked ?? Promise.reject(upstreamErrors.UNAVAILABLE({ details: { server: '', mayHaveRun: false } }));
    void answered
      .then(
        (answer) => this.send({ kind: 'answer', question, answer }),
        (error: unknown) => this.send({ kind: 'unanswered', question, error: toWords(error, '') }),
      )
      .finally(() => this.#questions.delete(question));
  }
}

/** Its session is a channel of this process. */
function factsOf({ session: _session, ...facts }: Client): Client {
  return facts;
}

/**
 * The values go to nobody here, but this process must know what to mask and what must not pass to other servers. Those that
 * cannot be had are the business of who has the server.
 */
async function knowSecrets({
  spec,
  secrets,
  signal,
}: Pick<ConnectContext, 'spec' | 'secrets' | 'signal'>): Promise<void> {
  const { env } = spec.transport as StdioSpec;
  await Promise.allSettled(
    Object.values(env).flatMap((setting) =>
      typeof setting === 'string' ? [] : [secrets.resolve(setting.secret, signal)],
    ),
  );
  signal.throwIfAborted();
}

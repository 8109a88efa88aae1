import { isHostlerError } from '@hostler/kernel';
import type { Clock, Era, Exchange, HostlerError, Logger, Notification, Outcome } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { MessageScreen } from '@hostler/secrets';
import { AnswerTimes } from './answer-times.ts';
import type { BusyPoll } from './busy-poll.ts';
import type { CallGate } from './call-gate.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { Connection } from './connection.ts';
import { upstreamErrors } from './errors.ts';
import type { UpstreamLimits } from './limits.ts';
import { LISTEN } from './pipe/open-calls.ts';
import { Pulse } from './pulse.ts';
import { screenedExchange } from './screened.ts';
import { unavailable } from './start-failure.ts';
import type { ConnectionSubscriptions } from './subscriptions/connection-subscriptions.ts';

export interface GuardedConnectionOptions {
  readonly server: string;
  readonly inner: Connection;
  readonly subscriptions: ConnectionSubscriptions;
  readonly gate: CallGate;
  /** Absent: the process sleeps while it waits. */
  readonly busyPoll?: BusyPoll;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: UpstreamLimits;
  /** Looks at what clients send. */
  readonly screen?: MessageScreen;
  /** For jitter: from 0 to 1. */
  readonly random: () => number;
  /** The server hangs: the connection is to be closed. */
  readonly onWedged: (reason: HostlerError) => void;
}

/** What is wrong with a connection that is up: a safe sentence, and the code of the error behind it. */
export interface Trouble {
  readonly problem: string;
  readonly problemCode: string;
}

/**
 * A connection as the pool hands it out: it keeps the bounds of its server, refuses calls while all of them fail, notices
 * when the server hangs, and knows whether it is in use.
 */
export class GuardedConnection implements Connection {
  readonly era: Era;
  /** For the host's own requests, which neither wait nor count. */
  readonly inner: Connection;
  readonly subscriptions: ConnectionSubscriptions;
  readonly #options: GuardedConnectionOptions;
  readonly #gate: CallGate;
  readonly #breaker: CircuitBreaker;
  readonly #screen: MessageScreen | undefined;
  /** Absent where silence is no sign: each call over HTTP has its own connection. */
  readonly #pulse: Pulse | undefined;
  readonly #busyPoll: BusyPoll | undefined;
  readonly #answers = new AnswerTimes();
  #open = 0;
  #lastUsed: number;
  #lastProblem = 'UPSTREAM_UNAVAILABLE';

  constructor(options: GuardedConnectionOptions) {
    const { inner, gate, clock, log, limits, random, server } = options;
    this.era = inner.era;
    this.inner = inner;
    this.subscriptions = options.subscriptions;
    this.#options = options;
    this.#gate = gate;
    this.#screen = options.screen;
    this.#busyPoll = options.busyPoll;
    this.#breaker = new CircuitBreaker(clock, random);
    this.#lastUsed = clock.now();
    if (inner.heard === undefined) return;
    const isBusy = (): boolean => this.#open > 0;
    const onWedged = (): void => this.#onWedged();
    this.#pulse = new Pulse({ server, connection: inner, clock, log, limits, isBusy, onWedged });
  }

  /** A new session of the same connection may describe itself anew. */
  get server(): ServerDescription {
    return this.inner.server;
  }

  /** Undefined while it is in use: who waits to hear of changes uses it too, though nothing is called. */
  get lastUsed(): number | undefined {
    return this.#open > 0 || this.subscriptions.isHeld ? undefined : this.#lastUsed;
  }

  get trouble(): Trouble | undefined {
    if (this.#breaker.isOpen) {
      return {
        problem: 'Its last calls failed: calls are refused until one succeeds.',
        problemCode: this.#lastProblem,
      };
    }
    if (!this.#pulse?.isSilent) return undefined;
    return {
      problem: 'It answers neither calls nor a ping: it is busy, or it hangs.',
      problemCode: 'UPSTREAM_TIMEOUT',
    };
  }

  get renewSecrets(): Connection['renewSecrets'] {
    const { renewSecrets } = this.inner;
    if (renewSecrets === undefined) return undefined;
    return async (signal) => {
      await renewSecrets(signal);
      // They may be what the calls failed for want of.
      this.#breaker.endPause();
    };
  }

  /** Not async, and with callbacks made once: a call that need not wait costs one promise here. */
  request(asked: Exchange): Promise<Outcome> {
    let exchange = asked;
    if (this.#screen !== undefined) {
      try {
        exchange = screenedExchange(this.#screen, asked);
      } catch (refusal) {
        return Promise.reject(refusal as Error);
      }
    }
    // It lasts as long as its client wishes, so it takes nobody's place.
    if (exchange.request.method === LISTEN) return this.inner.request(exchange);
    if (this.#breaker.isOpen) return this.#probe(exchange);
    return this.#gate.tryEnter() ? this.#send(exchange) : this.#sendLater(exchange);
  }

  notify(notification: Notification): void {
    const { params } = notification;
    if (this.#screen === undefined || params === undefined) return this.inner.notify(notification);
    try {
      this.inner.notify({ ...notification, params: this.#screen.outgoing(params) });
    } catch (error) {
      const { log, server } = this.#options;
      log.warn({ server, method: notification.method, error }, 'a notification of a client was not passed on');
    }
  }

  close(): Promise<void> {
    this.#pulse?.stop();
    this.subscriptions.end();
    return this.inner.close();
  }

  #send(exchange: Exchange, timeout?: number): Promise<Outcome> {
    this.#open += 1;
    this.#pulse?.watch();
    this.#busyPoll?.begin(this.#answers);
    return this.inner.request(exchange, timeout).then(this.#onOutcome, this.#onFailure);
  }

  async #sendLater(exchange: Exchange): Promise<Outcome> {
    return this.#send(exchange, await this.#gate.enter(exchange.signal));
  }

  async #probe(exchange: Exchange): Promise<Outcome> {
    const { server } = this.#options;
    if (!this.#breaker.tryProbe()) throw unavailable(server, Math.max(1, Math.ceil(this.#breaker.retryAfter / 1_000)));
    try {
      return await (this.#gate.tryEnter() ? this.#send(exchange) : this.#sendLater(exchange));
    } finally {
      this.#breaker.endProbe();
    }
  }

  readonly #onOutcome = (outcome: Outcome): Outcome => {
    if (this.#breaker.succeeded()) {
      this.#options.log.info({ server: this.#options.server }, 'a call succeeded: calls are let through again');
    }
    this.#leave();
    return outcome;
  };

  readonly #onFailure = (error: unknown): never => {
    if (isHostlerError(error) && SERVER_FAILED.has(error.code)) this.#onServerFailed(error);
    this.#leave();
    throw error;
  };

  #onServerFailed({ code }: HostlerError): void {
    const { log, server } = this.#options;
    this.#lastProblem = code;
    // Before the place of the call is given to the next one, so that there is room for the ping.
    if (code === 'UPSTREAM_TIMEOUT') void this.#pulse?.examine();
    if (!this.#breaker.failed()) return;
    const retryIn = Math.round(this.#breaker.retryAfter);
    log.warn({ server, code, retryIn }, 'the last calls to the server failed: calls are refused for now');
  }

  #leave(): void {
    this.#busyPoll?.end(this.#answers);
    this.#open -= 1;
    if (this.#open === 0) this.#lastUsed = this.#options.clock.now();
    this.#gate.leave();
  }

  #onWedged(): void {
    const { server, onWedged } = this.#options;
    const problem = 'It hung: a call ran out of time, and it answered no ping.';
    onWedged(upstreamErrors.UNAVAILABLE({ details: { server, problem, mayHaveRun: false } }));
  }
}

/** Errors that are the server's, or those of the way to it. What a caller gave up is neither. */
const SERVER_FAILED: ReadonlySet<string> = new Set(['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_PROTOCOL']);

import type { HostlerError, Notification } from '@hostler/kernel';
import type { Connection } from './connection.ts';
import { upstreamErrors } from './errors.ts';
import { watchLists } from './list-watch.ts';
import { closeQuietly, openConnection } from './open-connection.ts';
import type { ServerContext } from './open-connection.ts';
import type { UpstreamState } from './pool.ts';
import { RestartSchedule } from './restart-schedule.ts';
import { startFailure, unavailable } from './start-failure.ts';
import type { StartFailure } from './start-failure.ts';

export interface SupervisorOptions extends ServerContext {
  readonly onState: (state: UpstreamState) => void;
  readonly onNotification: (notification: Notification) => void;
}

/** Keeps the shared connection to one server up: starts it, and starts it again when it ends. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #schedule: RestartSchedule;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  #startedIn = 0;
  #failure: StartFailure | undefined;
  #starts = 0;
  #retryAt = 0;
  #cancelRetry: (() => void) | undefined;
  #stopWatch: (() => void) | undefined;
  /** Settles when the present attempt, or the clean-up after the last connection, is over. Never rejects. */
  #work: Promise<void> = Promise.resolve();
  #attempt = Promise.withResolvers<void>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#schedule = new RestartSchedule(options.clock, options.random);
  }

  /** Resolves when the first attempt has come to an end, good or bad. */
  start(): Promise<void> {
    if (!this.#closing.signal.aborted && this.#starts === 0) this.#begin();
    return this.#attempt.promise;
  }

  state(): UpstreamState {
    const { name, required } = this.#options.spec;
    const common = { name, required, restarts: Math.max(0, this.#starts - 1) };
    if (this.#connection) {
      return { ...common, status: 'up', server: this.#connection.server, startedIn: this.#startedIn };
    }
    if (!this.#failure) return { ...common, status: 'starting' };
    const { status, problem, code } = this.#failure;
    return { ...common, status, problem, problemCode: code };
  }

  /**
   * The connection when it is up; waits for a start that is under way, at most as long as a call may take.
   * @throws UPSTREAM_UNAVAILABLE, SECRET_*
   */
  connection(): Connection | Promise<Connection> {
    if (this.#connection) return this.#connection;
    if (this.#failure) throw this.#refusal();
    return this.#afterStart();
  }

  /** Resolves when nothing of the server is left. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      const { name } = this.#options.spec;
      const problem = 'The host stops.';
      this.#closing.abort(upstreamErrors.UNAVAILABLE({ details: { server: name, problem, mayHaveRun: false } }));
      this.#cancelRetry?.();
      this.#stopWatch?.();
      this.#failure ??= startFailure(name, this.#closing.signal.reason);
    }
    const connection = this.#connection;
    this.#connection = undefined;
    this.#attempt.resolve();
    if (connection) await closeQuietly(connection, this.#options.log);
    await this.#work;
  }

  #begin(): void {
    this.#starts += 1;
    this.#failure = undefined;
    this.#attempt = this.#starts === 1 ? this.#attempt : Promise.withResolvers();
    this.#announce();
    this.#work = this.#try();
  }

  async #try(): Promise<void> {
    const { clock, log, spec, onNotification } = this.#options;
    const begun = clock.now();
    const life: { connection?: Connection; ended?: HostlerError } = {};
    try {
      const connection = await openConnection(this.#options, {
        signal: this.#closing.signal,
        onNotification,
        onClose: (reason) => {
          life.ended = reason;
          if (life.connection) this.#onLost(life.connection, reason);
        },
      });
      life.connection = connection;
      if (life.ended) return this.#onLost(connection, life.ended);
      this.#startedIn = Math.round(clock.now() - begun);
      this.#onUp(connection);
      log.info({ server: spec.name, era: connection.era, startedIn: this.#startedIn }, 'the server is up');
    } catch (error) {
      this.#onFailure(error);
    }
  }

  #onUp(connection: Connection): void {
    const { clock, log, spec, random, onNotification } = this.#options;
    this.#schedule.succeeded();
    this.#connection = connection;
    this.#announce();
    this.#attempt.resolve();
    this.#stopWatch = watchLists({ server: spec.name, connection, clock, log, random, onNotification });
  }

  /** The connection ended by itself. What is left of it goes before the next one comes. */
  #onLost(connection: Connection, reason: HostlerError): void {
    if (this.#closing.signal.aborted) return;
    this.#stopWatch?.();
    this.#connection = undefined;
    this.#work = closeQuietly(connection, this.#options.log);
    this.#onFailure(reason);
  }

  #onFailure(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { clock, log, spec } = this.#options;
    const failure = startFailure(spec.name, error);
    const delay = this.#schedule.failed(failure.status === 'down');
    this.#failure = failure;
    this.#retryAt = clock.now() + delay;
    this.#cancelRetry = clock.after(delay, () => void this.#retry());
    const { status, problem, code } = failure;
    log.warn(
      { server: spec.name, status, problem, code, retryIn: Math.round(delay), error },
      'the server is not available',
    );
    this.#announce();
    this.#attempt.resolve();
  }

  async #retry(): Promise<void> {
    await this.#work;
    if (!this.#closing.signal.aborted) this.#begin();
  }

  #announce(): void {
    this.#options.onState(this.state());
  }

  async #afterStart(): Promise<Connection> {
    const { clock, spec } = this.#options;
    const { promise: timeUp, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(spec.callTimeout, resolve);
    await Promise.race([this.#attempt.promise, timeUp]);
    cancel();
    if (this.#connection) return this.#connection;
    throw this.#refusal();
  }

  #refusal(): HostlerError {
    const retryAfter = Math.max(1, Math.ceil((this.#retryAt - this.#options.clock.now()) / 1_000));
    return this.#failure?.toError(retryAfter) ?? unavailable(this.#options.spec.name, retryAfter);
  }
}

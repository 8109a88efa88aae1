import type { Era, HostlerError, Notification } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection, StartPhase } from './connection.ts';
import { upstreamErrors } from './errors.ts';
import type { GuardedConnection } from './guarded-connection.ts';
import { watchIdle } from './idle-watch.ts';
import { closeQuietly, openConnection } from './open-connection.ts';
import type { ServerContext } from './open-connection.ts';
import type { MissingSecret, UpstreamPhase, UpstreamState } from './pool.ts';
import { RestartSchedule } from './restart-schedule.ts';
import { startFailure, unavailable } from './start-failure.ts';
import type { StartFailure } from './start-failure.ts';
import { untilAborted } from '@hostler/secrets';
import { untilQuiet } from './until-quiet.ts';

export interface SupervisorOptions extends ServerContext {
  /** How often the server was started again before this supervisor. */
  readonly restarts?: number;
  readonly onState: (state: UpstreamState) => void;
  readonly onNotification: (notification: Notification) => void;
  /** The connection has lived for as long as the server's `recycle.lifetime` says. */
  readonly onAged?: () => void;
}

/** What became of one start. */
interface Life {
  connection?: GuardedConnection;
  ended?: HostlerError;
}

/**
 * Keeps the shared connection to one server up: starts it, starts it again when it ends, and lets it rest while nobody
 * uses it.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #schedule: RestartSchedule;
  readonly #closing = new AbortController();
  #phase: UpstreamPhase = 'pending';
  #connection: GuardedConnection | undefined;
  /** What the server said of itself, while it rests and while it comes back from its rest. */
  #resting: ServerDescription | undefined;
  #startedIn = 0;
  /** Why the latest attempt or connection ended; kept until one succeeds. */
  #failure: StartFailure | undefined;
  /** What the present start goes without. */
  #missing: readonly MissingSecret[] = [];
  #starts = 0;
  #retryAt = 0;
  #cancelRetry: (() => void) | undefined;
  /** Ends what watches over the present connection. */
  #stopWatches: (() => void) | undefined;
  /** Settles when the present attempt, or the clean-up after the last connection, is over. Never rejects. */
  #work: Promise<void> = Promise.resolve();
  /** Resolves when the present attempt, or the next one, has come to an end. */
  #attempt = Promise.withResolvers<void>();
  readonly #firstAttempt = this.#attempt.promise;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#schedule = new RestartSchedule(options.clock, options.random);
  }

  /** Resolves when the first attempt has come to an end, good or bad. */
  start(): Promise<void> {
    if (!this.#closing.signal.aborted && this.#starts === 0) this.#begin();
    return this.#firstAttempt;
  }

  state(): UpstreamState {
    const { name, required } = this.#options.spec;
    const restarts = (this.#options.restarts ?? 0) + Math.max(0, this.#starts - 1);
    const missing = this.#missing;
    const common = { name, required, restarts, phase: this.#phase, ...(missing.length > 0 && { missing }) };
    if (this.#connection) {
      const { server, trouble } = this.#connection;
      const up = { ...common, status: 'up', server, startedIn: this.#startedIn } as const;
      return trouble ? { ...up, phase: 'degraded', ...trouble } : up;
    }
    if (this.#resting) return { ...common, status: 'up', server: this.#resting, startedIn: this.#startedIn };
    if (!this.#failure) return { ...common, status: 'starting' };
    const { status, code } = this.#failure;
    const problem = this.#schedule.isOpen ? `${this.#failure.problem} ${GIVEN_UP}` : this.#failure.problem;
    return { ...common, status: this.#isStarting() ? 'starting' : status, problem, problemCode: code };
  }

  /** Whether anybody waits to hear of a resource. */
  get isHeld(): boolean {
    return this.#connection?.subscriptions.isHeld === true;
  }

  /** The era of a server that rests. */
  get restsAs(): Era | undefined {
    return this.#resting?.era;
  }

  /** Why it is not up; undefined while it is, or has not failed yet. */
  get failure(): HostlerError | undefined {
    return this.#failure?.error;
  }

  /**
   * The connection when it is up; waits for a start that is under way, at most as long as a call may take. A server that
   * keeps crashing is not waited for.
   * @throws UPSTREAM_UNAVAILABLE, SECRET_*
   */
  connection(): GuardedConnection | Promise<GuardedConnection> {
    if (this.#connection) return this.#connection;
    if (this.#isStarting() ? this.#schedule.isOpen : !this.#resting) throw this.#refusal();
    if (!this.#isStarting()) this.#wake();
    return this.#afterStart();
  }

  /**
   * Gives the connection the present values of the secrets in its headers, where that is possible. One that rests, or never
   * was there, reads them when it starts.
   * @returns whether it did
   * @throws SECRET_*, UPSTREAM_UNAVAILABLE: then it goes on with those it has; or the signal's reason
   */
  async renewSecrets(signal: AbortSignal): Promise<boolean> {
    // The start may have read the old ones.
    if (this.#isStarting() && this.#starts > 0) await untilAborted(signal, this.#attempt.promise);
    if (this.#resting || this.#starts === 0) return true;
    if (!this.#connection?.renewSecrets) return false;
    await this.#connection.renewSecrets(signal);
    return true;
  }

  /** Nothing while it is not up: a server that starts asks for what it wants to know. */
  notifyServer(notification: Notification): void {
    this.#connection?.notify(notification);
  }

  /** Resolves when nothing of the server is left. */
  async close(problem = 'The host stops.'): Promise<void> {
    if (!this.#closing.signal.aborted) {
      const { name } = this.#options.spec;
      this.#closing.abort(upstreamErrors.UNAVAILABLE({ details: { server: name, problem, mayHaveRun: false } }));
      this.#cancelRetry?.();
      this.#stopWatches?.();
      this.#failure ??= startFailure(name, this.#closing.signal.reason);
    }
    const connection = this.#connection;
    this.#connection = undefined;
    this.#resting = undefined;
    this.#phase = 'closing';
    this.#attempt.resolve();
    if (connection) await closeQuietly(connection, this.#options.log);
    await this.#work;
    this.#phase = 'closed';
  }

  #isStarting(): boolean {
    return STARTING.has(this.#phase);
  }

  #begin(): void {
    this.#starts += 1;
    this.#phase = 'resolving';
    this.#missing = [];
    if (!this.#resting) this.#announce();
    this.#work = this.#try();
  }

  async #try(): Promise<void> {
    const { clock, log, spec, onNotification } = this.#options;
    const begun = clock.now();
    const life: Life = {};
    try {
      const connection = await openConnection(this.#options, {
        signal: this.#closing.signal,
        onPhase: (phase) => this.#onPhase(phase, life),
        onMissing: (missing) => this.#onMissing(missing, life),
        onNotification,
        onClose: (reason) => {
          life.ended ??= reason;
          if (life.connection && this.#connection === life.connection) this.#onLost(life.connection, reason);
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

  /** A transport that reports after its attempt has ended changes nothing. */
  #onPhase(phase: StartPhase, life: Life): void {
    if (!life.connection && !life.ended && this.#isStarting()) this.#phase = phase;
  }

  #onMissing(missing: readonly MissingSecret[], life: Life): void {
    if (life.ended || (life.connection && this.#connection !== life.connection)) return;
    const isNews = JSON.stringify(missing) !== JSON.stringify(this.#missing);
    this.#missing = missing;
    if (isNews && this.#connection) this.#announce();
  }

  #onUp(connection: GuardedConnection): void {
    this.#schedule.succeeded();
    this.#phase = 'ready';
    this.#connection = connection;
    this.#resting = undefined;
    this.#failure = undefined;
    this.#announce();
    this.#endAttempt();
    this.#watch(connection);
  }

  #watch(connection: GuardedConnection): void {
    const { clock, spec, onAged } = this.#options;
    const { idle, lifetime } = spec.recycle ?? {};
    const stops: (() => void)[] = [];
    connection.subscriptions.watchLists();
    if (idle !== undefined) {
      const lastUsed = (): number | undefined => connection.lastUsed;
      stops.push(watchIdle({ clock, idle, lastUsed, onIdle: () => this.#rest(connection) }));
    }
    if (lifetime !== undefined && onAged) stops.push(clock.after(lifetime, onAged));
    this.#stopWatches = () => stops.forEach((stop) => stop());
  }

  /** Nobody uses it: it ends until somebody does. What it lists stays known. */
  #rest(connection: GuardedConnection): void {
    const { clock, log, spec } = this.#options;
    this.#stopWatches?.();
    this.#resting = connection.server;
    this.#connection = undefined;
    this.#phase = 'closing';
    log.info({ server: spec.name }, 'the server was not used and rests until its next call');
    const isBusy = (): boolean => connection.lastUsed === undefined;
    const quiet = untilQuiet({ clock, grace: spec.callTimeout, signal: this.#closing.signal, isBusy });
    this.#work = quiet.then(() => this.#closeLast(connection));
  }

  async #closeLast(connection: Connection): Promise<void> {
    await closeQuietly(connection, this.#options.log);
    if (this.#phase === 'closing') this.#phase = 'closed';
  }

  #wake(): void {
    this.#phase = 'pending';
    void this.#retry();
  }

  /** The connection ended by itself. What is left of it goes before the next one comes. */
  #onLost(connection: GuardedConnection, reason: HostlerError): void {
    if (this.#closing.signal.aborted) return;
    this.#stopWatches?.();
    this.#connection = undefined;
    this.#phase = 'closing';
    this.#work = this.#closeLast(connection);
    this.#onFailure(reason);
  }

  #onFailure(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { clock, log, spec } = this.#options;
    const failure = startFailure(spec.name, error);
    const delay = this.#schedule.failed(failure.status === 'down');
    this.#failure = failure;
    this.#resting = undefined;
    if (this.#isStarting()) this.#phase = 'closed';
    this.#retryAt = clock.now() + delay;
    this.#cancelRetry = clock.after(delay, () => void this.#retry());
    const { status, problem, code } = failure;
    log.warn(
      { server: spec.name, status, problem, code, retryIn: Math.round(delay), error },
      'the server is not available',
    );
    this.#announce();
    this.#endAttempt();
  }

  #endAttempt(): void {
    const { resolve } = this.#attempt;
    this.#attempt = Promise.withResolvers();
    resolve();
  }

  async #retry(): Promise<void> {
    await this.#work;
    if (!this.#closing.signal.aborted) this.#begin();
  }

  #announce(): void {
    this.#options.onState(this.state());
  }

  async #afterStart(): Promise<GuardedConnection> {
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

const GIVEN_UP = 'It failed five times within two minutes, so it is tried only once a minute.';

const STARTING: ReadonlySet<UpstreamPhase> = new Set(['pending', 'resolving', 'connecting', 'initialising']);

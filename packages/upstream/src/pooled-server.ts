import type { Clock, HostlerError, HttpSpec, Logger, Notification, UpstreamSpec } from '@hostler/kernel';
import type { BusyPoll } from './busy-poll.ts';
import { CallGate } from './call-gate.ts';
import { callLater } from './call-later.ts';
import type { Connect, ConnectContext } from './connection.ts';
import { EraMatch } from './era-match.ts';
import { upstreamErrors } from './errors.ts';
import type { UpstreamLimits } from './limits.ts';
import { OwnConnections } from './own-connections.ts';
import { ownKey } from './own-key.ts';
import { onlyRootsDiffer } from './roots/only-roots-differ.ts';
import { createServerRoots } from './roots/server-roots.ts';
import type { ServerRoots } from './roots/server-roots.ts';
import type { ConnectionUser, UpstreamState } from './pool.ts';
import type { PoolServer } from './pool-server.ts';
import { tellOfRestarts } from './subscriptions/restarts.ts';
import type { Subscribable } from './subscriptions/subscribable.ts';
import { Supervisor } from './supervisor.ts';
import { untilQuiet } from './until-quiet.ts';

export interface PooledServerOptions {
  readonly spec: UpstreamSpec;
  readonly connect: Connect;
  readonly log: Logger;
  readonly clock: Clock;
  readonly secrets: ConnectContext['secrets'];
  readonly screen?: ConnectContext['screen'];
  /** See `ConnectContext`. */
  readonly consumer?: ConnectContext['consumer'];
  readonly limits: UpstreamLimits;
  readonly busyPoll?: BusyPoll;
  readonly random: () => number;
  /** How often it was started again before. */
  readonly restarts: number;
  readonly onState: (state: UpstreamState) => void;
  readonly onNotification: (notification: Notification, origin: Origin) => void;
  /** It has lived for as long as `recycle.lifetime` says. */
  readonly onAged: () => void;
}

/** Over which of the connections to a server something came. */
export interface Origin {
  readonly source: string;
  /** Present when the connection serves this session alone. */
  readonly sessionId?: string;
}

const SHARED = 'shared';
/** The shared connection beside the first one, for clients of the legacy era: see `EraMatch`. */
const MATCHED = 'matched';

/** The host's own requests on a connection whose calls are at their bound. */
const RESERVE = 4;

/** One server with all connections to it: the shared one, those of single clients, and the bounds they share. */
export class PooledServer implements PoolServer {
  #spec: UpstreamSpec;
  readonly #roots: ServerRoots | undefined;
  readonly #options: PooledServerOptions;
  readonly #gate: CallGate;
  readonly #supervisor: Supervisor;
  readonly #own: OwnConnections;
  readonly #eraMatch: EraMatch;
  readonly #closing = new AbortController();

  constructor(options: PooledServerOptions) {
    const { spec, log, clock, onNotification, limits: all } = options;
    const { running = all.inFlight, waiting = all.waiting } = spec.concurrency ?? {};
    const server = spec.name;
    this.#spec = spec;
    this.#roots = createServerRoots(spec);
    this.#options = options;
    this.#gate = new CallGate({ server, clock, running, waiting, callTimeout: spec.callTimeout });
    const { screen, consumer, ...others } = options;
    const shared = {
      ...others,
      ...(screen && { screen }),
      ...(consumer && { consumer }),
      gate: this.#gate,
      ...(this.#roots && { roots: this.#roots }),
      // The gate is the bound that counts: no connection has another one below it.
      limits: { ...all, inFlight: running + RESERVE },
      onNotification: (notification: Notification) => onNotification(notification, { source: SHARED }),
    };
    const legacy = { ...shared, spec: { ...spec, era: 'legacy' } as const };
    this.#supervisor = new Supervisor(shared);
    this.#own = new OwnConnections({
      ...legacy,
      onNotification: (notification, sessionId) => onNotification(notification, { source: sessionId, sessionId }),
    });
    const onMatched = (notification: Notification): void => onNotification(notification, { source: MATCHED });
    const onState = tellOfRestarts(onMatched);
    const unseen = { ...legacy, log: quiet(log), onNotification: onMatched, onState, onAged: () => {} };
    const createLegacy = (): Supervisor => new Supervisor(unseen);
    this.#eraMatch = new EraMatch({ server, log, clock, own: this.#own, createLegacy });
  }

  get spec(): UpstreamSpec {
    return this.#spec;
  }

  /**
   * Takes over other folders while it runs, and tells the server. Source: MCP 2025-11-25, client/roots.
   * @returns false when more than that differs: then it has to be started anew
   */
  changeRoots(next: UpstreamSpec): boolean {
    if (!this.#roots || !next.roots || !onlyRootsDiffer(this.#spec, next)) return false;
    this.#spec = next;
    if (!this.#roots.replace(next.roots, next.pathArguments ?? {})) return true;
    const notification = { method: 'notifications/roots/list_changed' };
    for (const part of [this.#supervisor, this.#own, this.#eraMatch]) part.notifyServer(notification);
    return true;
  }

  get runningSpecs(): readonly UpstreamSpec[] {
    return [this.#spec];
  }

  /** Calls run, or somebody waits to hear of a resource. */
  get isInUse(): boolean {
    return this.#gate.isBusy || [this.#supervisor, this.#own, this.#eraMatch].some(({ isHeld }) => isHeld);
  }

  credentialsOf(): string {
    return '';
  }

  /** Resolves when the first attempt has come to an end, good or bad. */
  start(): Promise<void> {
    return this.#supervisor.start();
  }

  state(): UpstreamState {
    return this.#supervisor.state();
  }

  get isUp(): boolean {
    return this.state().status === 'up';
  }

  /** Why it is not up; undefined while it is, or has not failed yet. */
  get failure(): HostlerError | undefined {
    return this.#supervisor.failure;
  }

  /** @throws UPSTREAM_UNAVAILABLE, UPSTREAM_OVERLOADED, SECRET_* */
  connection(user: ConnectionUser): Subscribable | Promise<Subscribable> {
    if (this.#supervisor.restsAs === 'legacy') {
      const key = this.#ownKey(user);
      if (key !== undefined) return this.#own.connection(user.client, key);
    }
    const shared = this.#supervisor.connection();
    return shared instanceof Promise ? shared.then((up) => this.#serve(up, user)) : this.#serve(shared, user);
  }

  /** Over which connection this client is served at the moment. Opens nothing. */
  source({ client }: ConnectionUser): string {
    const { session } = client;
    if (session && this.#own.has(session.id)) return session.id;
    return client.era === 'legacy' && this.#eraMatch.isUp ? MATCHED : SHARED;
  }

  notify(sessionId: string, notification: Notification): void {
    this.#own.notify(sessionId, notification);
  }

  endSession(sessionId: string): Promise<void> | undefined {
    return this.#own.holds(sessionId) ? this.#own.endSession(sessionId) : undefined;
  }

  /**
   * Gives every connection the present values of its secrets without ending it.
   * @returns false when it takes a new start: only headers can be changed in place
   * @throws SECRET_*, UPSTREAM_UNAVAILABLE: then connections go on with those they have; or the signal's reason
   */
  async renewSecrets(signal: AbortSignal): Promise<boolean> {
    const { transport } = this.spec;
    if (transport.kind !== 'http' || hasTlsSecrets(transport)) return false;
    if (!(await this.#supervisor.renewSecrets(signal))) return false;
    await Promise.all([this.#own.renewSecrets(signal), this.#eraMatch.renewSecrets(signal)]);
    return true;
  }

  /** Calls back after the delay unless the server is closed before. */
  later(delay: number, callback: () => void): void {
    callLater(this.#options.clock, delay, this.#closing.signal, callback);
  }

  /** Lets the calls under way end, at most for `grace` milliseconds, and closes it. */
  async drain(grace: number, problem: string): Promise<void> {
    const { clock } = this.#options;
    const isBusy = (): boolean => this.#gate.isBusy;
    await untilQuiet({ clock, grace, signal: this.#closing.signal, isBusy });
    await this.close(problem);
  }

  /** Resolves when nothing of the server is left. */
  async close(problem = 'The host stops.'): Promise<void> {
    const reason = upstreamErrors.UNAVAILABLE({ details: { server: this.spec.name, problem, mayHaveRun: false } });
    this.#closing.abort(reason);
    this.#gate.close(reason);
    await Promise.all([this.#supervisor.close(problem), this.#own.close(), this.#eraMatch.close()]);
  }

  /** The connection for this client, given the shared one of the era that the server was found to speak. */
  #serve(shared: Subscribable, user: ConnectionUser): Subscribable | Promise<Subscribable> {
    const { client } = user;
    if (shared.era === 'modern' && (client.era === 'modern' || this.spec.era !== 'auto')) return shared;
    const key = this.#ownKey(user);
    if (shared.era === 'modern') return this.#eraMatch.connection(shared, client, key !== undefined);
    return key === undefined ? shared : this.#own.connection(client, key);
  }

  #ownKey(user: ConnectionUser): string | undefined {
    return this.spec.interactive ? ownKey(user) : undefined;
  }
}

function hasTlsSecrets({ network }: HttpSpec): boolean {
  const { ca, certificate, key } = network?.tls ?? {};
  return [ca, certificate, key].some((setting) => typeof setting === 'object');
}

/** A second connection to the same server is no news to the operator. */
function quiet(log: Logger): Logger {
  const debug = (fields: object, message: string): void => log.debug(fields, message);
  return { debug, info: debug, warn: debug, error: (fields, message) => log.error(fields, message) };
}

import { principalOf } from '@hostler/kernel';
import type { Clock, Consumer, Era, HostlerError, Notification, UpstreamSpec } from '@hostler/kernel';
import { digestOf } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import { callLater } from './call-later.ts';
import type { ConnectContext } from './connection.ts';
import { CredentialSet } from './credential-set.ts';
import type { CreateServer } from './credential-set.ts';
import { upstreamErrors } from './errors.ts';
import type { UpstreamLimits } from './limits.ts';
import { createCredentialKey } from './personal-spec.ts';
import type { ConnectionUser, UpstreamState } from './pool.ts';
import type { PoolServer } from './pool-server.ts';
import type { Origin } from './pooled-server.ts';
import type { Subscribable } from './subscriptions/subscribable.ts';

export interface PersonalServerOptions {
  readonly spec: UpstreamSpec;
  readonly clock: Clock;
  readonly limits: UpstreamLimits;
  readonly secrets: ConnectContext['secrets'];
  /** How often it was started again before. */
  readonly restarts: number;
  readonly create: CreateServer;
  readonly onState: (state: UpstreamState) => void;
  readonly onNotification: (notification: Notification, origin: Origin) => void;
}

/** Milliseconds of silence after which the connections of one set may give way to those of another. */
const YIELDS_AFTER = 30_000;

/** Sets of one user, who may show tokens that say different things: others want to use the server, too. */
const MAX_OF_ONE = 4;

/** Of a caller whose claims make no reference: nothing has this name. */
const REFUSED = 'refused';

/**
 * A server whose credentials are each caller's own. There is no connection for all: every set of credentials has its own,
 * which start with its first call, and end when nobody has used them for a while.
 */
export class PersonalServer implements PoolServer {
  readonly spec: UpstreamSpec;
  readonly isUp = true;
  readonly failure = undefined;
  readonly #options: PersonalServerOptions;
  readonly #keyOf: (consumer: Consumer) => string;
  /** By their keys, the one that was used last at the end. */
  readonly #sets = new Map<string, CredentialSet>();
  /** Those that drain. */
  readonly #ending = new Set<CredentialSet>();
  readonly #closing = new AbortController();
  #wasOpen = false;

  constructor(options: PersonalServerOptions) {
    this.spec = options.spec;
    this.#options = options;
    this.#keyOf = createCredentialKey(options.spec);
  }

  get runningSpecs(): readonly UpstreamSpec[] {
    return [...this.#sets.values()].map(({ spec }) => spec);
  }

  /** Nothing starts before somebody calls it. */
  start(): Promise<void> {
    this.#options.onState(this.state());
    return Promise.resolve();
  }

  /** What one caller's server says of itself is for that caller: this is what all may know. */
  state(): UpstreamState {
    const { name, required } = this.spec;
    const missing = [...this.#sets.values()].flatMap(({ state }) => state.missing ?? []);
    return {
      name,
      required,
      restarts: this.#options.restarts,
      status: 'up',
      phase: this.#isOpen ? 'ready' : 'closed',
      server: describePersonal(this.spec, 'legacy'),
      ...(missing.length > 0 && { missing }),
    };
  }

  /** @throws SECRET_CLAIM_REFUSED, UPSTREAM_OVERLOADED, and what the connections of one set throw */
  connection(user: ConnectionUser): Subscribable | Promise<Subscribable> {
    const key = this.#keyOf(user.consumer);
    const set = this.#sets.get(key) ?? this.#open(key, user.consumer);
    this.#sets.delete(key);
    this.#sets.set(key, set);
    return set.connection(user);
  }

  source(user: ConnectionUser): string {
    const key = this.#knownKey(user.consumer);
    const set = key === undefined ? undefined : this.#sets.get(key);
    return `${this.credentialsOf(user.consumer)}/${set?.server.source(user) ?? ''}`;
  }

  credentialsOf(consumer: Consumer): string {
    const key = this.#knownKey(consumer);
    return key === undefined ? REFUSED : (this.#sets.get(key)?.id ?? idOf(key));
  }

  changeRoots(): boolean {
    return false;
  }

  notify(sessionId: string, notification: Notification): void {
    for (const { server } of this.#sets.values()) server.notify(sessionId, notification);
  }

  async endSession(sessionId: string): Promise<void> {
    await Promise.all(this.#all().map(({ server }) => server.endSession(sessionId) ?? Promise.resolve()));
  }

  /** Of those sets alone whose secrets are others by now. @throws as `PooledServer.renewSecrets` does, when all were tried */
  async renewSecrets(signal: AbortSignal): Promise<boolean> {
    const renewals = [...this.#sets.values()].map((set) => set.renewSecrets(signal));
    const failed = (await Promise.allSettled(renewals)).find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return true;
  }

  later(delay: number, callback: () => void): void {
    callLater(this.#options.clock, delay, this.#closing.signal, callback);
  }

  async drain(grace: number, problem: string): Promise<void> {
    await Promise.all(this.#all().map((set) => set.drain(grace, problem)));
    await this.close(problem);
  }

  async close(problem?: string): Promise<void> {
    this.#closing.abort(this.#unavailable());
    await Promise.all(this.#all().map((set) => set.close(problem)));
    this.#sets.clear();
  }

  get #isOpen(): boolean {
    return [...this.#sets.values()].some(({ state }) => state.server !== undefined && state.phase !== 'closed');
  }

  /** Undefined for a caller whose claims make no reference. */
  #knownKey(consumer: Consumer): string | undefined {
    try {
      return this.#keyOf(consumer);
    } catch {
      return undefined;
    }
  }

  #all(): CredentialSet[] {
    return [...this.#sets.values(), ...this.#ending];
  }

  /** @throws UPSTREAM_OVERLOADED, UPSTREAM_UNAVAILABLE */
  #open(key: string, consumer: Consumer): CredentialSet {
    if (this.#closing.signal.aborted) throw this.#unavailable();
    const room = this.#findRoom(principalOf(consumer));
    const { spec, clock, limits, secrets, create, onNotification } = this.#options;
    const id = idOf(key);
    const set = new CredentialSet({
      id,
      spec,
      consumer,
      clock,
      secrets,
      create,
      idle: Math.min(limits.ownIdle, spec.recycle?.idle ?? limits.ownIdle),
      onState: () => this.#announce(),
      onNotification(notification, { source, ...session }) {
        onNotification(notification, { source: `${id}/${source}`, ...session });
      },
      onOver: (grace) => void this.#end(key, set, grace),
    });
    this.#sets.set(key, set);
    void this.#start(set, room);
    return set;
  }

  async #start(set: CredentialSet, room: Promise<void> | undefined): Promise<void> {
    await room;
    await set.start();
  }

  /** What has to end before the next one starts: when there are too many, the one that was not used for longest gives way. */
  #findRoom(principal: string): Promise<void> | undefined {
    const { clock, limits, spec } = this.#options;
    const ofOne = [...this.#sets].filter(([, set]) => set.principal === principal);
    const oldest = ofOne.find(([, { lastUsed }]) => lastUsed !== undefined) ?? ofOne[0];
    if (oldest !== undefined && ofOne.length >= MAX_OF_ONE) return this.#end(oldest[0], oldest[1], 0);
    if (this.#sets.size < limits.credentialSets) return undefined;
    const unusedUntil = clock.now() - YIELDS_AFTER;
    for (const [key, set] of this.#sets) {
      if (set.lastUsed !== undefined && set.lastUsed <= unusedUntil) return this.#end(key, set, 0);
    }
    const limit = `${limits.credentialSets} callers with credentials of their own use it`;
    throw upstreamErrors.OVERLOADED({ details: { server: spec.name, limit, mayHaveRun: false, retryAfter: 30 } });
  }

  async #end(key: string, set: CredentialSet, grace: number): Promise<void> {
    if (this.#sets.get(key) === set) this.#sets.delete(key);
    this.#ending.add(set);
    this.#announce();
    await set.drain(grace, 'Its caller did not use it.');
    this.#ending.delete(set);
  }

  /** Only that somebody uses it, or that nobody does any more. */
  #announce(): void {
    const isOpen = this.#isOpen;
    if (isOpen === this.#wasOpen || this.#closing.signal.aborted) return;
    this.#wasOpen = isOpen;
    this.#options.onState(this.state());
  }

  #unavailable(): HostlerError {
    return upstreamErrors.UNAVAILABLE({ details: { server: this.spec.name, mayHaveRun: false } });
  }
}

/** A server as those see it for whom nobody has reached it yet: by its configured name, with lists that may come. */
export function describePersonal({ name }: UpstreamSpec, era: Era): ServerDescription {
  const listed = { listChanged: true };
  return {
    era,
    revisions: [],
    info: { name, version: '0' },
    capabilities: { tools: listed, prompts: listed, resources: listed },
  };
}

/** Says nothing of what is in it. */
function idOf(key: string): string {
  return digestOf(['credentials', key]);
}

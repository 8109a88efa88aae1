import type { Consumer, HostlerError, Notification, UpstreamSpec } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';
import type { ConnectContext, Connection } from './connection.ts';
import { createPoolServer } from './create-pool-server.ts';
import { upstreamErrors } from './errors.ts';
import { limitExpiry } from './expiry-limit.ts';
import { isPersonal } from './personal-spec.ts';
import type { ConnectionUser, Pool, PoolEvent, UpstreamState } from './pool.ts';
import type { PoolOptions } from './pool-options.ts';
import type { PoolServer } from './pool-server.ts';
import type { ResourceHold } from './subscriptions/connection-subscriptions.ts';
import { createTurns } from './turns.ts';

/** Servers that may start at the same time. */
const STARTS_AT_A_TIME = 8;

/** Nothing runs before `start`. */
export function createPool(options: PoolOptions): Pool {
  return new ServerPool(options);
}

class ServerPool implements Pool {
  readonly #options: PoolOptions;
  readonly #secrets: ConnectContext['secrets'];
  readonly #servers = new Map<string, PoolServer>();
  /** Those of them with credentials of each caller: every call looks at these. */
  #personal: readonly PoolServer[] = [];
  #names: readonly string[] | undefined;
  /** Those that start in the place of another one, or that drain. */
  readonly #aside = new Set<PoolServer>();
  readonly #turns = createTurns();
  readonly #listeners = new Set<(event: PoolEvent) => void>();
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#secrets = limitExpiry(options.secrets, options.clock);
    for (const spec of options.specs) this.#servers.set(spec.name, this.#create(spec));
    this.#findPersonal();
  }

  async start(): Promise<void> {
    const waiting = [...this.#servers.values()];
    const startNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await next.start();
    };
    await Promise.all(Array.from({ length: STARTS_AT_A_TIME }, startNext));
  }

  states(): readonly UpstreamState[] {
    return [...this.#servers.values()].map((server) => server.state());
  }

  names(): readonly string[] {
    return (this.#names ??= [...this.#servers.keys()]);
  }

  state(name: string): UpstreamState | undefined {
    return this.#servers.get(name)?.state();
  }

  spec(name: string): UpstreamSpec | undefined {
    return this.#servers.get(name)?.spec;
  }

  runningSpecs(name: string): readonly UpstreamSpec[] {
    return this.#servers.get(name)?.runningSpecs ?? [];
  }

  credentialsOf(consumer: Consumer): string {
    let all = '';
    for (const server of this.#personal) all += `${server.spec.name} ${server.credentialsOf(consumer)} `;
    return all;
  }

  connection(name: string, user: ConnectionUser): Connection | Promise<Connection> {
    const server = this.#servers.get(name);
    if (!server) throw unknown(name);
    return server.connection(user);
  }

  source(name: string, user: ConnectionUser): string {
    return this.#servers.get(name)?.source(user) ?? '';
  }

  async subscribe(name: string, uri: string, user: ConnectionUser, onLost: () => void): Promise<ResourceHold> {
    const server = this.#servers.get(name);
    if (!server) throw unknown(name);
    const { subscriptions } = await server.connection(user);
    const source = server.source(user);
    return { ...(await subscriptions.hold(uri, onLost)), source };
  }

  notify(sessionId: string, notification: Notification): void {
    for (const server of this.#servers.values()) server.notify(sessionId, notification);
  }

  async endSession(sessionId: string): Promise<void> {
    const endings: Promise<void>[] = [];
    for (const servers of [this.#servers.values(), this.#aside]) {
      for (const server of servers) {
        const ending = server.endSession(sessionId);
        if (ending !== undefined) endings.push(ending);
      }
    }
    await Promise.all(endings);
  }

  onEvent(listener: (event: PoolEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  add(spec: UpstreamSpec): void {
    if (this.#isClosed || this.#servers.has(spec.name)) throw new Error(`${spec.name} cannot be added to the pool`);
    const server = this.#create(spec);
    this.#put(server);
    void server.start();
  }

  remove(name: string, grace: number): Promise<boolean> {
    return this.#inTurn(name, () => {
      const server = this.#servers.get(name);
      if (!server) return Promise.resolve({ result: false });
      this.#servers.delete(name);
      this.#names = undefined;
      this.#personal = this.#personal.filter((one) => one !== server);
      const { required, restarts } = server.state();
      const problem = 'It was removed.';
      this.#emit({
        kind: 'state',
        state: {
          name,
          required,
          restarts,
          status: 'down',
          phase: 'closed',
          problem,
          problemCode: 'UPSTREAM_UNAVAILABLE',
        },
      });
      return Promise.resolve({ result: true, afterwards: this.#retire(server, grace, problem) });
    });
  }

  replace(spec: UpstreamSpec, grace: number): Promise<void> {
    return this.#inTurn(spec.name, (): Promise<Effect<void>> => {
      const isDone = this.#servers.get(spec.name)?.changeRoots(spec) === true;
      return isDone ? Promise.resolve({ result: undefined }) : this.#startAnew(spec, grace);
    });
  }

  async restart(name: string, grace: number): Promise<void> {
    const spec = this.spec(name);
    if (!spec) throw unknown(name);
    await this.#inTurn(name, () => this.#startAnew(spec, grace));
  }

  renewSecrets(name: string, grace: number, signal: AbortSignal): Promise<'renewed' | 'restarted'> {
    const renewal = this.#turns.take(name, async (): Promise<Effect<'renewed' | 'restarted'>> => {
      signal.throwIfAborted();
      const server = this.#servers.get(name);
      if (!server) throw unknown(name);
      if (await server.renewSecrets(signal)) return { result: 'renewed' };
      return { ...(await this.#startAnew(server.spec, grace)), result: 'restarted' };
    });
    // The end of what was replaced is nobody's to wait for: other changed secrets must not have to.
    return untilAborted(
      signal,
      renewal.then(({ result }) => result),
    );
  }

  arrange(names: readonly string[]): void {
    const places = new Map(names.map((name, place) => [name, place]));
    const placeOf = (name: string): number => places.get(name) ?? names.length;
    const present = [...this.#servers];
    const arranged = present.toSorted(([one], [other]) => placeOf(one) - placeOf(other));
    if (arranged.every(([name], index) => name === present[index]?.[0])) return;
    this.#servers.clear();
    this.#names = undefined;
    for (const [name, server] of arranged) this.#servers.set(name, server);
    // What is offered under one name by several may now be another one's.
    const [first] = this.states();
    if (first) this.#emit({ kind: 'state', state: first });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#all().map((server) => server.close()));
  }

  /** In the place of the one of its name. */
  #put(server: PoolServer): void {
    const { name } = server.spec;
    if (!this.#servers.has(name)) this.#names = undefined;
    this.#servers.set(name, server);
    this.#findPersonal();
  }

  #findPersonal(): void {
    this.#personal = [...this.#servers.values()].filter(({ spec }) => isPersonal(spec));
  }

  #all(): PoolServer[] {
    return [...this.#servers.values(), ...this.#aside];
  }

  /** The next operation on the server begins when this one has taken effect; who asked for it waits for what follows. */
  async #inTurn<T>(name: string, work: () => Promise<Effect<T>>): Promise<T> {
    const { result, afterwards } = await this.#turns.take(name, work);
    await afterwards;
    return result;
  }

  async #startAnew(spec: UpstreamSpec, grace: number): Promise<Effect<void>> {
    const old = this.#servers.get(spec.name);
    if (!old) throw unknown(spec.name);
    const next = this.#create(spec, old.state().restarts + 1);
    this.#aside.add(next);
    await next.start();
    const reason = next.failure;
    if (this.#isClosed || (reason && old.isUp)) {
      await this.#retire(next, 0, 'It was not needed.');
      throw reason ?? unknown(spec.name);
    }
    this.#aside.delete(next);
    this.#put(next);
    this.#emit({ kind: 'state', state: next.state() });
    const afterwards = this.#retire(old, grace, 'It was replaced.');
    if (reason) throw reason;
    return { result: undefined, afterwards };
  }

  async #retire(server: PoolServer, grace: number, problem: string): Promise<void> {
    this.#aside.add(server);
    await server.drain(grace, problem);
    this.#aside.delete(server);
  }

  /** What a server says counts only while it is the one of its name. */
  #create(spec: UpstreamSpec, restarts = 0): PoolServer {
    const { name } = spec;
    const isPresent = (): boolean => this.#servers.get(name) === server;
    const server: PoolServer = createPoolServer(spec, restarts, this.#options, {
      secrets: this.#secrets,
      onState: (state) => {
        if (isPresent()) this.#emit({ kind: 'state', state });
      },
      onNotification: (notification, origin) => {
        if (!isPresent()) return;
        this.#emit({ kind: 'notification', server: name, notification, ...origin });
      },
      onAged: () => void this.#renew(server),
    });
    return server;
  }

  /** A server that has lived for long enough gives way to a fresh one; when that does not come up it stays a while. */
  async #renew(server: PoolServer): Promise<void> {
    const { spec } = server;
    const { log } = this.#options;
    if (this.#isClosed || this.#servers.get(spec.name) !== server) return;
    try {
      log.info({ server: spec.name }, 'the server has lived for as long as it may and is replaced');
      await this.restart(spec.name, spec.callTimeout);
    } catch (error) {
      log.warn({ server: spec.name, error }, 'the server could not be replaced by a fresh one and stays');
      server.later(RENEWAL_PAUSE, () => void this.#renew(server));
    }
  }

  #emit(event: PoolEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#options.log.error({ error }, 'a listener of pool events failed');
      }
    }
  }
}

/** Milliseconds until a replacement that failed is tried again. */
const RENEWAL_PAUSE = 60_000;

/** What an operation came to, and what of it goes on after the next one may begin. Never rejects. */
interface Effect<T> {
  readonly result: T;
  readonly afterwards?: Promise<void>;
}

function unknown(server: string): HostlerError {
  return upstreamErrors.UNAVAILABLE({ details: { server, mayHaveRun: false } });
}

import { principalOf } from '@hostler/kernel';
import type { Clock, Consumer, Notification, UpstreamSpec } from '@hostler/kernel';
import type { Secret } from '@hostler/secrets';
import type { ConnectContext } from './connection.ts';
import { watchIdle } from './idle-watch.ts';
import { hasUserGrant, personalSpec } from './personal-spec.ts';
import type { ConnectionUser, UpstreamState } from './pool.ts';
import type { Origin, PooledServer } from './pooled-server.ts';
import type { Subscribable } from './subscriptions/subscribable.ts';
import { tellOfRestarts } from './subscriptions/restarts.ts';

/** What the connections of one set have that those of others have not. */
export interface OwnParts {
  readonly secrets: ConnectContext['secrets'];
  readonly consumer?: Consumer;
  readonly onState: (state: UpstreamState) => void;
  readonly onNotification: (notification: Notification, origin: Origin) => void;
  readonly onAged: () => void;
}

/** Makes what keeps the connections of one set; it runs from `start` on. */
export type CreateServer = (spec: UpstreamSpec, parts: OwnParts) => PooledServer;

export interface CredentialSetOptions {
  /** Tells it from all others, and nothing more. */
  readonly id: string;
  readonly spec: UpstreamSpec;
  readonly consumer: Consumer;
  readonly clock: Clock;
  readonly secrets: ConnectContext['secrets'];
  readonly create: CreateServer;
  /** Milliseconds without use after which it is over. */
  readonly idle: number;
  readonly onState: () => void;
  readonly onNotification: (notification: Notification, origin: Origin) => void;
  /** Nobody uses it, or its next user has to begin anew; calls under way may take this many milliseconds more. */
  readonly onOver: (grace: number) => void;
}

/** The connections to one server that are opened with the credentials of one caller. */
export class CredentialSet {
  readonly id: string;
  /** Who opened it: as `principalOf` writes it. */
  readonly principal: string;
  /** With the references of this caller. */
  readonly spec: UpstreamSpec;
  readonly #options: CredentialSetOptions;
  readonly #stopWatch: () => void;
  #consumer: Consumer;
  #server: PooledServer;
  /** The values with which its connections run. */
  #held: ReadonlyMap<string, Secret>;
  #lastUsed: number;
  #isOver = false;

  /** @throws SECRET_CLAIM_REFUSED */
  constructor(options: CredentialSetOptions) {
    const { id, clock, idle, onOver, spec, consumer } = options;
    this.id = id;
    this.principal = principalOf(consumer);
    this.spec = personalSpec(spec, consumer);
    this.#options = options;
    this.#consumer = consumer;
    this.#lastUsed = clock.now();
    ({ server: this.#server, held: this.#held } = this.#create());
    const lastUsed = (): number | undefined => this.lastUsed;
    this.#stopWatch = watchIdle({ clock, idle, lastUsed, onIdle: () => onOver(0) });
  }

  get server(): PooledServer {
    return this.#server;
  }

  get state(): UpstreamState {
    return this.#server.state();
  }

  /** Undefined while it is in use. */
  get lastUsed(): number | undefined {
    return this.#server.isInUse ? undefined : this.#lastUsed;
  }

  /** Resolves when the first attempt has come to an end, good or bad. */
  start(): Promise<void> {
    return this.#server.start();
  }

  /** @throws what `PooledServer.connection` throws */
  connection(user: ConnectionUser): Subscribable | Promise<Subscribable> {
    this.#lastUsed = this.#options.clock.now();
    // As it has last proved to be: its token may have been renewed.
    this.#consumer = user.consumer;
    return this.#server.connection(user);
  }

  /** When its secrets are others by now: in place, or by connections that take the place of those there are. @throws why not */
  async renewSecrets(signal: AbortSignal): Promise<void> {
    const before = this.#server;
    if (!(await this.#areOthers(signal)) || (await before.renewSecrets(signal))) return;
    const next = this.#create();
    await next.server.start();
    const { failure } = next.server;
    if (this.#isOver || this.#server !== before || (failure !== undefined && before.isUp)) {
      await next.server.close();
      if (failure !== undefined && !this.#isOver) throw failure;
      return;
    }
    ({ server: this.#server, held: this.#held } = next);
    this.#options.onState();
    await before.drain(this.spec.callTimeout, 'It was replaced.');
  }

  async drain(grace: number, problem: string): Promise<void> {
    this.#leave();
    await this.#server.drain(grace, problem);
  }

  async close(problem?: string): Promise<void> {
    this.#leave();
    await this.#server.close(problem);
  }

  #leave(): void {
    this.#isOver = true;
    this.#stopWatch();
  }

  #create(): { readonly server: PooledServer; readonly held: ReadonlyMap<string, Secret> } {
    const { create, onNotification, onOver, secrets } = this.#options;
    const held = new Map<string, Secret>();
    const current = (): Consumer => this.#consumer;
    const isPresent = (): boolean => this.#server === server && !this.#isOver;
    const tell = (notification: Notification, origin: Origin): void => {
      if (isPresent()) onNotification(notification, origin);
    };
    const onRestart = tellOfRestarts((notification) => tell(notification, SHARED));
    const server: PooledServer = create(this.spec, {
      secrets: remembered(secrets, held),
      ...(hasUserGrant(this.spec) && { consumer: liveConsumer(current) }),
      onState: (state) => {
        if (!isPresent()) return;
        onRestart(state);
        this.#options.onState();
        // Its user has to do something first: whoever asks then must not wait for another attempt.
        if (state.problemCode === CONSENT_REQUIRED) onOver(0);
      },
      onNotification: tell,
      onAged: () => onOver(this.spec.callTimeout),
    });
    return { server, held };
  }

  async #areOthers(signal: AbortSignal): Promise<boolean> {
    const { secrets } = this.#options;
    const same = await Promise.all(
      [...this.#held].map(async ([reference, held]) => (await secrets.resolve(reference, signal)).sameAs(held)),
    );
    return same.includes(false);
  }
}

const SHARED: Origin = { source: 'shared' };

const CONSENT_REQUIRED = 'OAUTH_CONSENT_REQUIRED';

/** Keeps in mind what was read. */
function remembered(secrets: ConnectContext['secrets'], held: Map<string, Secret>): ConnectContext['secrets'] {
  return {
    async resolve(reference, signal) {
      const secret = await secrets.resolve(reference, signal);
      held.set(reference, secret);
      return secret;
    },
    expire: (reference) => secrets.expire(reference),
  };
}

/** The same caller at all times, with what it has shown last. */
function liveConsumer(current: () => Consumer): Consumer {
  return {
    name: current().name,
    get identity() {
      return current().identity;
    },
  } as Consumer;
}

import type { Client, Consumer, Notification, Scope, UpstreamSpec } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection } from './connection.ts';
import type { ResourceHold } from './subscriptions/connection-subscriptions.ts';

/**
 * Where a server stands: `blocked` waits for a secret, `down` is tried again with backoff. One that rests because nobody
 * used it is `up`, in phase `closed`: the next call starts it.
 */
export type UpstreamStatus = 'starting' | 'up' | 'down' | 'blocked';

/** Where exactly it stands. `degraded` is connected and in trouble; `closed` is over or between two attempts. */
export type UpstreamPhase =
  | 'pending'
  | 'resolving'
  | 'connecting'
  | 'initialising'
  | 'ready'
  | 'degraded'
  | 'closing'
  | 'closed';

export interface UpstreamState {
  readonly name: string;
  readonly status: UpstreamStatus;
  readonly phase: UpstreamPhase;
  readonly required: boolean;
  /** Present while up. */
  readonly server?: ServerDescription;
  /** Milliseconds from start to the negotiated connection. */
  readonly startedIn?: number;
  /**
   * Why it is down, blocked or degraded: a safe sentence with the mend where one is known. It stays while the server is
   * started again.
   */
  readonly problem?: string;
  /** Code of the error behind `problem`. */
  readonly problemCode?: string;
  /** How often it was started again since the host began. */
  readonly restarts: number;
  /** Its optional secrets that could not be had, so that it runs without them; absent: none. */
  readonly missing?: readonly MissingSecret[];
}

/** A value that a server goes without. */
export interface MissingSecret {
  /** Where it would stand: `env.API_TOKEN`, `headers.authorization`, `tls.key`. */
  readonly place: string;
  readonly reference: string;
  /** Code of the error, such as `SECRET_NOT_FOUND`. */
  readonly code: string;
}

export type PoolEvent =
  | { readonly kind: 'state'; readonly state: UpstreamState }
  | {
      readonly kind: 'notification';
      readonly server: string;
      readonly notification: Notification;
      /** Over which of the connections to the server it came: see `Pool.source`. */
      readonly source: string;
      /** Present when it came over the connection that serves this session alone. */
      readonly sessionId?: string;
    };

/** For whom a connection is wanted. Every exchange is one. */
export interface ConnectionUser {
  readonly consumer: Consumer;
  readonly client: Client;
  /** What is to be sent; absent: nothing during which a server may ask. */
  readonly request?: { readonly method: string };
  /** What of the host the client addressed; absent where no client did. */
  readonly scope?: Scope;
}

/** The connections to all servers: one shared per server, and one of its own for each client that can be asked. */
export interface Pool {
  /** Starts every server, at most eight at a time; resolves when each is up, down or blocked. Never rejects. */
  start(): Promise<void>;
  states(): readonly UpstreamState[];
  /** The names of `states`, in the same order: the same array until there are others, or another order. */
  names(): readonly string[];
  /** One of `states`, without making the others. */
  state(name: string): UpstreamState | undefined;
  spec(name: string): UpstreamSpec | undefined;
  /**
   * What runs under this name: the server as it is configured, or where callers have credentials of their own, one for
   * each set of them that has connections at the moment, with its own references.
   */
  runningSpecs(name: string): readonly UpstreamSpec[];
  /**
   * Which credentials this consumer's connections are opened with, over all servers: those of one name have the same
   * everywhere. Empty while no server has others for each caller.
   */
  credentialsOf(consumer: Consumer): string;
  /**
   * The connection that serves this client: the shared one, unless the server is of the legacy era and interactive and
   * the client declares elicitation, sampling or roots. One of a client's own belongs to the session of a legacy client;
   * modern clients have one for the requests during which a server may ask, together with those of the same consumer that
   * describe themselves alike. The shared one is returned without a promise when it is up; one of a client's own is
   * opened on first use.
   * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_OVERLOADED, SECRET_*
   */
  connection(name: string, user: ConnectionUser): Connection | Promise<Connection>;
  /**
   * Over which of the connections to the server this client is served at the moment, by the name that events carry: the
   * same change may be told over several of them, and each client hears of it from its own. Opens nothing. Where callers
   * have credentials of their own, it begins with the name of these and `/`.
   */
  source(name: string, user: ConnectionUser): string;
  /**
   * One more holder of a resource, on the connection that serves this client; the server knows of one subscription however
   * many hold it. When the server says no, nothing is held.
   * @param onLost the connection ended, and the subscription with it: whoever still wants it subscribes anew
   * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_OVERLOADED, SECRET_*
   */
  subscribe(name: string, uri: string, user: ConnectionUser, onLost: () => void): Promise<ResourceHold>;
  /** Tells every server that has a connection for this session alone. Shared connections hear of no single client. */
  notify(sessionId: string, notification: Notification): void;
  /** Closes the connections that served this session alone; they are opened again when it asks for them. */
  endSession(sessionId: string): Promise<void>;
  /**
   * A server from now on; it starts at once. It comes last in the order.
   * @throws when there is one of that name, or the pool is closed
   */
  add(spec: UpstreamSpec): void;
  /**
   * Forgets the server at once; its calls under way have `grace` milliseconds, then they fail with UPSTREAM_UNAVAILABLE.
   * Resolves when nothing of it is left: false when there was none of that name.
   */
  remove(name: string, grace: number): Promise<boolean>;
  /**
   * Starts a server in the place of the one of its name, and switches when it is up; the old one drains as in `remove`.
   * Resolves when nothing of the old one is left. When the new one does not come up, an old one that is up stays; one that
   * was not up either gives way all the same.
   * @throws UPSTREAM_*, SECRET_*: why the new one is not up, with the problem among the details; or that there is none
   */
  replace(spec: UpstreamSpec, grace: number): Promise<void>;
  /** `replace` with the settings it has: a server that is down is tried now. */
  restart(name: string, grace: number): Promise<void>;
  /**
   * Gives a server the present values of its secrets: in place where only headers hold them, otherwise as `restart` does.
   * Resolves when it has them; a server that was replaced drains on.
   * @returns which of the two was done
   * @throws UPSTREAM_*, SECRET_*: the server goes on with the values it has
   */
  renewSecrets(name: string, grace: number, signal: AbortSignal): Promise<'renewed' | 'restarted'>;
  /** Puts the servers into this order; those that are not in it come last, as they are. */
  arrange(names: readonly string[]): void;
  /** Returns the function that ends the subscription. */
  onEvent(listener: (event: PoolEvent) => void): () => void;
  /** Stops every server; resolves when no process, socket or timer of theirs is left. */
  close(): Promise<void>;
}

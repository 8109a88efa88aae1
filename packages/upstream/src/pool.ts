import type { Client, Notification, UpstreamSpec } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection } from './connection.ts';

/** Where a server stands: `blocked` waits for a secret, `down` is tried again with backoff. */
export type UpstreamStatus = 'starting' | 'up' | 'down' | 'blocked';

export interface UpstreamState {
  readonly name: string;
  readonly status: UpstreamStatus;
  readonly required: boolean;
  /** Present while up. */
  readonly server?: ServerDescription;
  /** Milliseconds from start to the negotiated connection. */
  readonly startedIn?: number;
  /** Why it is down or blocked: a safe sentence with the mend where one is known. */
  readonly problem?: string;
  /** Code of the error behind `problem`. */
  readonly problemCode?: string;
  /** How often it was started again since the host began. */
  readonly restarts: number;
}

export type PoolEvent =
  | { readonly kind: 'state'; readonly state: UpstreamState }
  | {
      readonly kind: 'notification';
      readonly server: string;
      readonly notification: Notification;
      /** Present when it came over the connection that serves this session alone. */
      readonly sessionId?: string;
    };

/** The connections to all servers: one shared per server, and one of its own for each client that can be asked. */
export interface Pool {
  /** Starts every server, at most eight at a time; resolves when each is up, down or blocked. Never rejects. */
  start(): Promise<void>;
  states(): readonly UpstreamState[];
  spec(name: string): UpstreamSpec | undefined;
  /**
   * The connection that serves this client: the shared one, unless the server is of the legacy era and interactive and
   * the client holds a session and declares elicitation, sampling or roots. The shared one is returned without a promise
   * when it is up; one of a client's own is opened on first use.
   * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_OVERLOADED, SECRET_*
   */
  connection(name: string, client: Client): Connection | Promise<Connection>;
  /** Tells every server that has a connection for this session alone. Shared connections hear of no single client. */
  notify(sessionId: string, notification: Notification): void;
  /** Closes the connections that served this session alone; they are opened again when it asks for them. */
  endSession(sessionId: string): Promise<void>;
  /** Returns the function that ends the subscription. */
  onEvent(listener: (event: PoolEvent) => void): () => void;
  /** Stops every server; resolves when no process, socket or timer of theirs is left. */
  close(): Promise<void>;
}

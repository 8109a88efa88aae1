import type { Client, Consumer, Exchange, GroupSpec, Notification, Outcome, Scope } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { Conflict, Drift, LockedServer } from '@hostler/router';
import type { ConnectionUser, UpstreamState } from '@hostler/upstream';
import type { DefinitionTrust } from './drift/definition-trust.ts';

/** A notification from a server outside any exchange, as the clients of one scope see it. */
export interface HostEvent {
  /** The server that sent it; empty when it comes from none, but of another view of all of them. */
  readonly server: string;
  readonly notification: Notification;
  /** Present when it is for the client of this session alone. */
  readonly sessionId?: string;
  /** Whose view it concerns: of all servers together, or of this one alone; absent for both. */
  readonly scope?: Scope['kind'];
  /**
   * Whether it is for this client: served by the connection over which it came, and its consumer may see the server.
   * Absent: it is for all.
   */
  readonly reaches?: (user: ConnectionUser) => boolean;
  /** The server was removed: nobody can see it, but what it offered is gone for those who did. */
  readonly isGone?: boolean;
}

/**
 * The MCP host: everything a client can ask for enters here, whatever it came through. Concurrent calls are safe; the
 * identity is always an argument.
 */
export interface Host {
  /**
   * Answers one exchange. Servers' own results and errors come back as an outcome in their era; the caller translates.
   * `initialize`, `server/discover` and `ping` are the endpoint's own and never come here.
   * @throws HostlerError: LIMIT_EXCEEDED, ROUTE_NOT_FOUND, UPSTREAM_*, SECRET_*, PROTOCOL_*
   */
  dispatch(exchange: Exchange): Promise<Outcome>;
  /**
   * How the scope appears to this client, for `initialize` and `server/discover`: one server's own description, or the
   * host's with what all its servers can do together.
   * @throws ROUTE_NOT_FOUND, UPSTREAM_*
   */
  describe(scope: Scope, consumer: Consumer, client: Client): Promise<ServerDescription>;
  /** Whether the scope exists for this consumer; an unknown one and a hidden one look the same. */
  has(scope: Scope, consumer: Consumer): boolean;
  /** Hands on what a client says outside any request, such as that its roots have changed. */
  notify(sessionId: string, notification: Notification): void;
  /** The client is silent: lets go of what servers hold for it. It gets what it needs anew. */
  restSession(sessionId: string): Promise<void>;
  /** It is heard of again: what it subscribed to is subscribed to again. */
  wakeSession(sessionId: string): void;
  /** Frees what was kept for a client's session. */
  endSession(sessionId: string): Promise<void>;
  onEvent(listener: (event: HostEvent) => void): () => void;
  /** All of them, whoever may see them: for the operator. */
  servers(): readonly UpstreamState[];
  /** Other servers stand in for each other from now on; calls under way stay where they are. */
  regroup(groups: readonly GroupSpec[]): void;
  /** Consumers see other things from now on: those who were given lists that are not right any more are told. */
  viewsChanged(): void;
  /** How far definitions of servers are believed from now on; who sees other things than before is told. */
  trust(trust: DefinitionTrust): void;
  /** In what servers are known to differ from what was approved, whoever may see it; nothing while nothing is compared. */
  drift(): readonly Drift[];
  /** The servers that are up and can be read, as they would stand in the lockfile. */
  observed(client: Client): Promise<ReadonlyMap<string, LockedServer>>;
  /** What an operator should know of the names, lists and overrides of the servers, as this client sees them. */
  conflicts(client: Client): Promise<readonly Conflict[]>;
  close(): Promise<void>;
}

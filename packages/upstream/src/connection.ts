import type {
  Client,
  Clock,
  Consumer,
  Era,
  Exchange,
  HostlerError,
  Logger,
  Notification,
  Outcome,
  UpstreamSpec,
} from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { MessageScreen, SecretResolver } from '@hostler/secrets';
import type { UpstreamLimits } from './limits.ts';
import type { MissingSecret } from './pool.ts';
import type { ServerRoots } from './roots/server-roots.ts';

/** A negotiated connection to one MCP server, over whichever transport. */
export interface Connection {
  readonly era: Era;
  readonly server: ServerDescription;
  /** Messages that came from the server so far; absent on a connection whose silence tells nothing. */
  readonly heard?: number | undefined;
  /**
   * Sends the exchange's request, delivers what belongs to it (progress, logs, questions) through the exchange in the
   * order the server said it, and resolves with the server's own result or error.
   * @param timeout milliseconds left for the answer, when some of them are over already; absent: the server's callTimeout
   * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_PROTOCOL, UPSTREAM_RESULT_TOO_LARGE; or the signal's reason
   */
  request(exchange: Exchange, timeout?: number): Promise<Outcome>;
  /** Tells the server what its client says outside any request; nothing where the server's era has no such thing. */
  notify(notification: Notification): void;
  /**
   * Reads the secrets of its headers again and sends the new ones from now on. Absent: only a new connection can have
   * other secrets.
   * @throws SECRET_*: then it goes on with those it has
   */
  readonly renewSecrets?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Ends it and everything it owns; resolves when nothing is left. May be called more than once. */
  close(): Promise<void>;
}

/** The steps of a start, in their order: secrets are read, the server is reached, the protocol is agreed on. */
export type StartPhase = 'resolving' | 'connecting' | 'initialising';

/** What a transport needs to connect. */
export interface ConnectContext {
  readonly spec: UpstreamSpec;
  /**
   * The client that this connection serves alone: its info and capabilities are declared to the server, and the server's
   * questions outside any exchange go to its session. Absent for a shared connection, which declares no capabilities.
   */
  readonly client?: Client;
  /** Whom this connection serves alone, because the server is shown that consumer's own tokens. */
  readonly consumer?: Consumer;
  /** The folders that the server may use, where they are configured: they stand for those of any client. */
  readonly roots?: ServerRoots;
  readonly log: Logger;
  readonly clock: Clock;
  readonly limits: UpstreamLimits;
  readonly secrets: Pick<SecretResolver, 'resolve' | 'expire'>;
  /** Looks at what goes to and comes from the server; absent: nobody does. */
  readonly screen?: MessageScreen;
  /** Ends the attempt to connect; the deadline of the start is in it. */
  readonly signal: AbortSignal;
  /** Told whenever secrets were read: all optional ones that cannot be had, none included. */
  onMissing?(missing: readonly MissingSecret[]): void;
  /** Called as each step begins, so that the operator sees where a start stands. */
  onPhase?(phase: StartPhase): void;
  /** What the server says outside any exchange: changed lists, updated resources, log messages of a shared connection. */
  onNotification(notification: Notification): void;
  /** Called once when the connection ends without `close` having been called. */
  onClose(reason: HostlerError): void;
}

export type Connect = (context: ConnectContext) => Promise<Connection>;

import type { HostlerError, JsonObject, Payload } from '@hostler/kernel';
import type { MessageId } from '@hostler/protocol';
import type { Connection } from '../connection.ts';

/** Carries messages to one server, in order. */
export interface MessagePipe {
  /** @returns false when the message was not taken: too much is waiting already, or the pipe has ended. */
  send(message: JsonObject): boolean;
  /** See `Connection`. */
  readonly renewSecrets?: Connection['renewSecrets'];
  /** Ends the server's side; resolves when nothing of it is left. May be called more than once. */
  close(): Promise<void>;
}

/** Why the calls in flight fail; each is told whether it may have taken effect. */
export type EndReason = (mayHaveRun: boolean) => HostlerError;

/** The other side of a pipe: what the server says, in order, and then its end. */
export interface PipeReceiver {
  receive(incoming: Incoming): void;
  /** The message with this id did not reach the server, or that is not known; the pipe as such goes on. */
  failed(id: MessageId, reason: EndReason): void;
  /** The pipe ended, or can no longer be used; nothing may follow. */
  ended(reason: EndReason): void;
}

/** Opens a pipe to a server. @throws UPSTREAM_UNAVAILABLE, SECRET_*, or the signal's reason */
export type StartPipe = (receiver: PipeReceiver) => Promise<MessagePipe>;

/** A message from a server, taken apart as far as the host acts on it. */
export type Incoming = IncomingAnswer | IncomingRequest | IncomingNotification;

export interface IncomingAnswer {
  readonly kind: 'answer';
  readonly id: MessageId;
  readonly member: 'result' | 'error';
  /** Absent: it is no object, so it is not valid MCP. */
  readonly payload?: Payload;
}

export interface IncomingRequest {
  readonly kind: 'request';
  readonly id: MessageId;
  readonly method: string;
  readonly params: JsonObject;
  /** Id of the call during whose execution the server sent this, where the transport can tell. */
  readonly related?: MessageId;
}

export interface IncomingNotification {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: JsonObject;
  readonly related?: MessageId;
}

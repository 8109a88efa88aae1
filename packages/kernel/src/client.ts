import type { Era } from './era.ts';
import type { JsonObject } from './json.ts';
import type { ClientAnswer, ClientRequest, Notification } from './message.ts';

/** Who the client is to the host: established before any exchange exists. */
export interface Consumer {
  readonly name: string;
  /** What proved it; absent where the host itself acts, and where nobody has to prove anything. */
  readonly identity?: Identity;
}

/** What a client has proved about itself. */
export interface Identity {
  /** How: `key`, `jwt` and so on. */
  readonly method: string;
  readonly issuer?: string;
  readonly subject?: string;
  /** Which credential: the id of a key or of a token; no secret. */
  readonly credential?: string;
  /** As its issuer signed them. */
  readonly claims?: JsonObject;
  readonly scopes?: readonly string[];
  /** Milliseconds since 1970: not good from then on. */
  readonly expiresAt?: number;
}

/** Who exactly it is, as one text: a consumer may stand for many people, whom their issuer tells apart. */
export function principalOf({ name, identity }: Consumer): string {
  return JSON.stringify([name, identity?.issuer ?? null, identity?.subject ?? null]);
}

/** The program at the other end, as it described itself. */
export interface Client {
  readonly era: Era;
  /** The negotiated (legacy) or declared (modern) revision, for example `2025-11-25`. */
  readonly protocolVersion: string;
  /** Its `clientInfo`, unchanged; absent when it sent none. */
  readonly info?: JsonObject;
  /** Its `ClientCapabilities`, unchanged. */
  readonly capabilities: JsonObject;
  /** Present while the client holds a session (legacy era, or stdio): a channel that outlives one exchange. */
  readonly session?: ClientSession;
}

/** What a client that holds a session can receive outside of any exchange. */
export interface ClientSession {
  /** Unique within this process, unguessable. */
  readonly id: string;
  /** Drops the notification when no channel is open: the era promises nothing better. */
  notify(notification: Notification): void;
  /** @throws when the client cannot be reached, refuses, or the signal fires. */
  ask(request: ClientRequest, signal: AbortSignal): Promise<ClientAnswer>;
}

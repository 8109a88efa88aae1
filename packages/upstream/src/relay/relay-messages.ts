import type { Client, ClientAnswer, ClientRequest, Era, McpRequest, Notification } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { ErrorWords } from './error-words.ts';

/** What is said over a link of the connections to the servers that only the other end has. */
export const RELAY_PART = 0;

/** Of an exchange, what a connection looks at. */
export interface ExchangeWords {
  readonly request: McpRequest;
  readonly consumer: string;
  readonly client: Client;
  readonly logLevel?: string | undefined;
  readonly traceParent?: string | undefined;
}

/** `connection`, `call` and `question` are numbers that who begins them has given. */
export type FromUser =
  | {
      readonly kind: 'open';
      readonly connection: number;
      readonly server: string;
      readonly era: Era | 'auto';
      /** Present where the connection serves one client alone. */
      readonly client?: Client;
    }
  | { readonly kind: 'close'; readonly connection: number }
  | {
      readonly kind: 'call';
      readonly connection: number;
      readonly call: number;
      readonly exchange: ExchangeWords;
      readonly timeout?: number | undefined;
    }
  | { readonly kind: 'cancel'; readonly call: number; readonly reason: ErrorWords }
  | { readonly kind: 'notify'; readonly connection: number; readonly notification: Notification }
  | { readonly kind: 'answer'; readonly question: number; readonly answer: ClientAnswer }
  | { readonly kind: 'unanswered'; readonly question: number; readonly error: ErrorWords };

export type FromOwner =
  | {
      readonly kind: 'opened';
      readonly connection: number;
      readonly era: Era;
      readonly server: ServerDescription;
    }
  | { readonly kind: 'refused'; readonly connection: number; readonly error: ErrorWords }
  | { readonly kind: 'ended'; readonly connection: number; readonly error: ErrorWords }
  /** With the payload of the outcome behind it. */
  | { readonly kind: 'outcome'; readonly call: number; readonly member: 'result' | 'error'; readonly era: Era }
  | { readonly kind: 'failed'; readonly call: number; readonly error: ErrorWords }
  | { readonly kind: 'told'; readonly call: number; readonly notification: Notification }
  | { readonly kind: 'asked'; readonly call: number; readonly question: number; readonly request: ClientRequest }
  /** Outside of any call: to the client that the connection serves alone. */
  | {
      readonly kind: 'askedAlone';
      readonly connection: number;
      readonly question: number;
      readonly request: ClientRequest;
    }
  | { readonly kind: 'withdrawn'; readonly question: number }
  | { readonly kind: 'event'; readonly connection: number; readonly notification: Notification }
  /** The server runs anew: whoever has a connection to it opens another one. */
  | { readonly kind: 'renewed'; readonly server: string };

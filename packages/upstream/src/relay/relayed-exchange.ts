import type {
  Client,
  ClientAnswer,
  ClientRequest,
  Consumer,
  Exchange,
  McpRequest,
  Notification,
  Scope,
} from '@hostler/kernel';
import { Cancellable } from '@hostler/protocol';
import type { ExchangeWords } from './relay-messages.ts';

export interface RelayedExchangeOptions {
  readonly number: number;
  readonly server: string;
  readonly words: ExchangeWords;
  readonly notify: (notification: Notification) => void;
  readonly ask: (request: ClientRequest, signal: AbortSignal | undefined) => Promise<ClientAnswer>;
}

/** The exchange of another process, here where the server is. */
export class RelayedExchange extends Cancellable implements Exchange {
  readonly id: string;
  readonly request: McpRequest;
  readonly scope: Scope;
  readonly consumer: Consumer;
  readonly client: Client;
  readonly logLevel: string | undefined;
  readonly traceParent: string | undefined;
  readonly notify: (notification: Notification) => void;
  readonly ask: (request: ClientRequest, signal?: AbortSignal) => Promise<ClientAnswer>;

  constructor({ number, server, words, notify, ask }: RelayedExchangeOptions) {
    super();
    const { request, consumer, client, logLevel, traceParent } = words;
    this.id = `relayed ${number}`;
    this.request = request;
    this.scope = { kind: 'server', name: server };
    this.consumer = { name: consumer };
    this.client = client;
    this.logLevel = logLevel;
    this.traceParent = traceParent;
    this.notify = notify;
    this.ask = ask;
  }
}

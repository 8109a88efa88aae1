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

/** An exchange on its way to a modern server whose roots the host answers for. */
export class RootedExchange implements Exchange {
  readonly request: McpRequest;
  readonly client: Client;
  readonly #inner: Exchange;

  constructor(inner: Exchange, request: McpRequest) {
    const { client } = inner;
    this.#inner = inner;
    this.request = request;
    // The settings of a client's own roots are not ours: revision 2026-07-28 has none.
    this.client = { ...client, capabilities: { ...client.capabilities, roots: {} } };
  }

  get id(): string {
    return this.#inner.id;
  }

  get scope(): Scope {
    return this.#inner.scope;
  }

  get consumer(): Consumer {
    return this.#inner.consumer;
  }

  get logLevel(): string | undefined {
    return this.#inner.logLevel;
  }

  get parameterHeaders(): Readonly<Record<string, string>> | undefined {
    return this.#inner.parameterHeaders;
  }

  get signal(): AbortSignal {
    return this.#inner.signal;
  }

  notify(notification: Notification): void {
    this.#inner.notify(notification);
  }

  ask(request: ClientRequest, signal?: AbortSignal): Promise<ClientAnswer> {
    return this.#inner.ask(request, signal);
  }
}

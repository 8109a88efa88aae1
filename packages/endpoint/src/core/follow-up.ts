import type {
  Client,
  ClientAnswer,
  ClientRequest,
  Consumer,
  Exchange,
  JsonObject,
  McpRequest,
  Notification,
  Scope,
} from '@hostler/kernel';

/** The same exchange with a request that answers what its server asked. */
export class FollowUp implements Exchange {
  readonly request: McpRequest;
  readonly scope: Scope;
  readonly consumer: Consumer;
  readonly client: Client;
  readonly logLevel?: string;
  readonly #first: Exchange;

  constructor(first: Exchange, params: JsonObject) {
    this.#first = first;
    this.request = { method: first.request.method, params };
    this.scope = first.scope;
    this.consumer = first.consumer;
    this.client = first.client;
    if (first.logLevel !== undefined) this.logLevel = first.logLevel;
  }

  get id(): string {
    return this.#first.id;
  }

  get signal(): AbortSignal {
    return this.#first.signal;
  }

  notify(notification: Notification): void {
    this.#first.notify(notification);
  }

  ask(request: ClientRequest): Promise<ClientAnswer> {
    return this.#first.ask(request);
  }
}

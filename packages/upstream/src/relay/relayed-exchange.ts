import type {
  Client,
  ClientAnswer,
  ClientRequest,
  Consumer,
  Exchange,
  HostlerError,
  McpRequest,
  Notification,
  Scope,
} from '@hostler/kernel';
import type { ExchangeWords } from './relay-messages.ts';

export interface RelayedExchangeOptions {
  readonly number: number;
  readonly server: string;
  readonly words: ExchangeWords;
  readonly notify: (notification: Notification) => void;
  readonly ask: (request: ClientRequest, signal: AbortSignal | undefined) => Promise<ClientAnswer>;
}

/** The exchange of another process, here where the server is. */
export class RelayedExchange implements Exchange {
  readonly id: string;
  readonly request: McpRequest;
  readonly scope: Scope;
  readonly consumer: Consumer;
  readonly client: Client;
  readonly logLevel: string | undefined;
  readonly traceParent: string | undefined;
  readonly notify: (notification: Notification) => void;
  readonly ask: (request: ClientRequest, signal?: AbortSignal) => Promise<ClientAnswer>;
  #controller: AbortController | undefined;
  #onAborted: ((reason: unknown) => void) | undefined;
  #cancelled: HostlerError | undefined;

  constructor({ number, server, words, notify, ask }: RelayedExchangeOptions) {
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

  /** Made for who wants one. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled);
    }
    return this.#controller.signal;
  }

  whenAborted(listener: (reason: unknown) => void): () => void {
    if (this.#cancelled !== undefined) {
      listener(this.#cancelled);
      return nothing;
    }
    if (this.#onAborted === undefined) {
      this.#onAborted = listener;
      return () => {
        if (this.#onAborted === listener) this.#onAborted = undefined;
      };
    }
    const { signal } = this;
    const onAbort = (): void => listener(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  cancel(reason: HostlerError): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = reason;
    this.#controller?.abort(reason);
    this.#onAborted?.(reason);
  }
}

function nothing(): void {}

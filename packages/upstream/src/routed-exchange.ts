import type {
  Client,
  ClientAnswer,
  ClientRequest,
  Consumer,
  CountedRate,
  Exchange,
  McpRequest,
  Notification,
  ResultSink,
  Scope,
} from '@hostler/kernel';
import { whenAborted } from './when-aborted.ts';

/**
 * A client's exchange on its way to a server: the same in everything but the request, which carries the server's own names,
 * or the answers to what the server asked.
 */
export class RoutedExchange implements Exchange {
  readonly #inner: Exchange;
  readonly request: McpRequest;

  constructor(inner: Exchange, request: McpRequest) {
    this.#inner = inner;
    this.request = request;
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

  get client(): Client {
    return this.#inner.client;
  }

  get entry(): string | undefined {
    return this.#inner.entry;
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

  whenAborted(listener: (reason: unknown) => void): () => void {
    return whenAborted(this.#inner, listener);
  }

  counted(rate: CountedRate): void {
    this.#inner.counted?.(rate);
  }

  notify(notification: Notification): void {
    this.#inner.notify(notification);
  }

  ask(request: ClientRequest, signal?: AbortSignal): Promise<ClientAnswer> {
    return this.#inner.ask(request, signal);
  }

  largeResult(): ResultSink | undefined {
    return this.#inner.largeResult?.();
  }
}

import { randomUUID } from 'node:crypto';
import type { Client, Consumer, Exchange, JsonObject, Notification, Scope } from '@hostler/kernel';
import { protocolErrors } from '@hostler/protocol';
import { hostAsClient } from '@hostler/upstream';

export interface ExchangeOptions {
  readonly method: string;
  readonly params?: JsonObject;
  readonly scope: Scope;
  readonly consumer: Consumer;
  readonly signal: AbortSignal;
  /** Default: a modern client without capabilities that calls itself `hostler`. */
  readonly client?: Client;
  readonly onNotification?: (notification: Notification) => void;
  /** Default: refuses every question. */
  readonly onAsk?: Exchange['ask'];
}

/** An exchange from code instead of from a wire: the CLI, REST, and the host's own requests. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { method, params = {}, scope, consumer, signal, client = hostAsClient, onNotification, onAsk } = options;
  return {
    id: randomUUID(),
    request: { method, params },
    scope,
    consumer,
    client,
    signal,
    notify: (notification) => onNotification?.(notification),
    ask: (request, asking) =>
      onAsk
        ? onAsk(request, asking)
        : Promise.reject(protocolErrors.METHOD_NOT_FOUND({ details: { method: request.method } })),
  };
}

import { randomUUID } from 'node:crypto';
import type { Client, Consumer, CountedRate, Exchange, JsonObject, Notification, Scope } from '@hostler/kernel';
import { protocolErrors } from '@hostler/protocol';
import { hostAsClient } from '@hostler/upstream';

export interface ExchangeOptions {
  readonly method: string;
  readonly params?: JsonObject;
  readonly scope: Scope;
  readonly consumer: Consumer;
  readonly signal: AbortSignal;
  /** See `Exchange`. */
  readonly entry?: string;
  readonly traceParent?: string | undefined;
  /** Default: a modern client without capabilities that calls itself `hostler`. */
  readonly client?: Client;
  readonly onNotification?: (notification: Notification) => void;
  readonly onCounted?: (rate: CountedRate) => void;
  /** Default: refuses every question. */
  readonly onAsk?: Exchange['ask'];
}

/** An exchange from code instead of from a wire: the CLI, REST, and the host's own requests. */
export function createExchange(options: ExchangeOptions): Exchange {
  const {
    method,
    params = {},
    scope,
    consumer,
    signal,
    client = hostAsClient,
    onNotification,
    onCounted,
    onAsk,
    entry,
    traceParent,
  } = options;
  return {
    id: randomUUID(),
    request: { method, params },
    scope,
    consumer,
    client,
    entry,
    ...(traceParent !== undefined && { traceParent }),
    signal,
    notify: (notification) => onNotification?.(notification),
    ...(onCounted && { counted: onCounted }),
    ask: (request, asking) =>
      onAsk
        ? onAsk(request, asking)
        : Promise.reject(protocolErrors.METHOD_NOT_FOUND({ details: { method: request.method } })),
  };
}

import type { Exchange, JsonObject, Notification } from '@hostler/kernel';
import { protocolErrors } from '@hostler/protocol';
import { hostAsClient } from '../host-info.ts';

export interface OwnRequestOptions {
  readonly server: string;
  readonly method: string;
  readonly params: JsonObject;
  readonly signal: AbortSignal;
  readonly onNotification?: (notification: Notification) => void;
}

/** A request that the host itself has, on behalf of everybody who shares the connection. */
export function ownRequest({ server, method, params, signal, onNotification }: OwnRequestOptions): Exchange {
  return {
    id: `${method} at ${server}`,
    request: { method, params },
    scope: { kind: 'server', name: server },
    consumer: { name: 'hostler' },
    client: hostAsClient,
    signal,
    notify: (notification) => onNotification?.(notification),
    ask: ({ method: asked }) => Promise.reject(protocolErrors.METHOD_NOT_FOUND({ details: { method: asked } })),
  };
}

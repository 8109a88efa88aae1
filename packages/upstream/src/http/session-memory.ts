import type { JsonObject } from '@hostler/kernel';

/** What clients set on a session and would miss silently on a new one: the log level and the subscriptions. */
export interface SessionMemory {
  /** Learns from a request that succeeded. */
  learn(method: string, params: JsonObject): void;
  /** The requests that bring a new session to the same state. */
  replay(): readonly { readonly method: string; readonly params: JsonObject }[];
}

/** Subscriptions remembered; further ones are not restored. */
const MAX_SUBSCRIPTIONS = 1_024;

export function createSessionMemory(): SessionMemory {
  let level: JsonObject | undefined;
  const subscriptions = new Set<string>();

  return {
    learn(method, params) {
      const { uri } = params;
      if (method === 'logging/setLevel') level = { level: params['level'] };
      else if (typeof uri !== 'string') return;
      else if (method === 'resources/unsubscribe') subscriptions.delete(uri);
      else if (method === 'resources/subscribe' && subscriptions.size < MAX_SUBSCRIPTIONS) subscriptions.add(uri);
    },
    replay() {
      return [
        ...(level === undefined ? [] : [{ method: 'logging/setLevel', params: level }]),
        ...[...subscriptions].map((uri) => ({ method: 'resources/subscribe', params: { uri } })),
      ];
    },
  };
}

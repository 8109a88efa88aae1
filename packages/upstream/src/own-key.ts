import { isJsonObject } from '@hostler/kernel';
import type { Client, JsonObject } from '@hostler/kernel';
import { digestOf, mayRequireInput } from '@hostler/protocol';
import { isAskable } from './askable.ts';
import type { ConnectionUser } from './pool.ts';

/**
 * What a connection of a client's own is known by; undefined when the client has none, since a server may not ask it. A
 * legacy client has one for its session. A modern one has no session: those of one consumer that describe themselves in
 * the same way share one, which is truthful to the server and keeps a question among the consumer's own clients.
 */
export function ownKey({ consumer, client, request }: ConnectionUser): string | undefined {
  if (!isAskable(client)) return undefined;
  if (client.era === 'legacy') return client.session?.id;
  if (request === undefined || !mayRequireInput(request.method)) return undefined;
  const { info = {}, capabilities } = client;
  return digestOf([consumer.name, info['name'] ?? null, info['version'] ?? null, capabilities]);
}

/** A modern client as a legacy server may know it: it will never say that its roots have changed. */
export function knownAsLegacy(client: Client): Client {
  const { roots, ...others } = client.capabilities;
  if (client.era === 'legacy' || !isJsonObject(roots)) return client;
  const { listChanged: _promise, ...kept } = roots;
  const capabilities: JsonObject = { ...others, roots: kept };
  return { ...client, capabilities };
}

import type { Client, JsonObject } from '@hostler/kernel';
import { newestModernRevision } from '@hostler/protocol';

/** How the host describes itself to a server when it speaks for no single client. */
const HOST_INFO: JsonObject = { name: 'hostler', title: 'Hostler', version: '0.1.0' };

/** Whom a connection declares: the client that it serves alone, or the host, which can be asked nothing. */
export function declaredClient(
  client: Client | undefined,
): Pick<Client, 'capabilities'> & { readonly info: JsonObject } {
  if (client === undefined) return { info: HOST_INFO, capabilities: {} };
  return { info: client.info ?? HOST_INFO, capabilities: client.capabilities };
}

/** The client that the host is when it asks on its own behalf. */
export const hostAsClient: Client = {
  era: 'modern',
  protocolVersion: newestModernRevision,
  info: HOST_INFO,
  capabilities: {},
};

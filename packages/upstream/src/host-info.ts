import type { Client, JsonObject } from '@hostler/kernel';
import { newestModernRevision } from '@hostler/protocol';

/** How the host describes itself, to servers and to clients. The version is that of all Hostler packages. */
export const hostInfo: JsonObject = { name: 'hostler', title: 'Hostler', version: '0.1.0' };

/** Whom a connection declares: the client that it serves alone, or the host, which can be asked nothing. */
export function declaredClient(
  client: Client | undefined,
): Pick<Client, 'capabilities'> & { readonly info: JsonObject } {
  if (client === undefined) return { info: hostInfo, capabilities: {} };
  return { info: client.info ?? hostInfo, capabilities: client.capabilities };
}

/** The client that the host is when it asks on its own behalf. */
export const hostAsClient: Client = {
  era: 'modern',
  protocolVersion: newestModernRevision,
  info: hostInfo,
  capabilities: {},
};

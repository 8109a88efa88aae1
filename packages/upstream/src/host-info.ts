import type { Client, JsonObject } from '@hostler/kernel';
import { newestModernRevision } from '@hostler/protocol';
import type { ConnectContext } from './connection.ts';

/**
 * How the host describes itself, to servers and to clients. The version is that of the product, which this package shares
 * with `@hostler/api` and `@hostler/cli`; `pnpm run version` writes it.
 */
export const hostInfo: JsonObject = { name: 'hostler', title: 'Hostler', version: '0.1.0' };

/**
 * Whom a connection declares: the client that it serves alone, or the host, which can be asked nothing but for the roots
 * that are configured.
 */
export function declaredClient({
  client,
  roots,
}: Pick<ConnectContext, 'client' | 'roots'>): Pick<Client, 'capabilities'> & { readonly info: JsonObject } {
  // Tasks that a server would start at its client are not carried: the server could not ask for them there.
  const { tasks: _, ...capabilities } = client?.capabilities ?? {};
  return {
    info: client?.info ?? hostInfo,
    capabilities: roots === undefined ? capabilities : { ...capabilities, roots: { listChanged: true } },
  };
}

/** The client that the host is when it asks on its own behalf. */
export const hostAsClient: Client = {
  era: 'modern',
  protocolVersion: newestModernRevision,
  info: hostInfo,
  capabilities: {},
};

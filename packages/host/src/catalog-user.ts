import type { Client, Era } from '@hostler/kernel';
import { newestLegacyRevision } from '@hostler/protocol';
import { hostAsClient, hostInfo } from '@hostler/upstream';
import type { ConnectionUser } from '@hostler/upstream';

/** Whom the lists of a shared connection are read for. */
export function sharedUser(era: Era): ConnectionUser {
  const legacy: Client = { era, protocolVersion: newestLegacyRevision, info: hostInfo, capabilities: {} };
  return { consumer: { name: 'hostler' }, client: era === 'modern' ? hostAsClient : legacy };
}

/** The session of a client that sees lists of its own: servers may ask it questions, over connections of its own. */
export function ownSession({ era, session, capabilities }: Client): string | undefined {
  const isAskable = ['elicitation', 'sampling', 'roots'].some((name) => capabilities[name] !== undefined);
  return era === 'legacy' && isAskable ? session?.id : undefined;
}

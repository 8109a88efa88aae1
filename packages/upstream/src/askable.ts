import type { Client } from '@hostler/kernel';

/** The capability with which a client says that it answers a question. Source: MCP 2025-11-25, client features. */
const CAPABILITY_OF: ReadonlyMap<string, string> = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
]);

/** Whether this client said that it answers questions of any kind. */
export function isAskable({ capabilities }: Client): boolean {
  for (const name of CAPABILITY_OF.values()) if (capabilities[name] !== undefined) return true;
  return false;
}

/** Whether this client said that it answers questions of this kind. */
export function canBeAsked(client: Client | undefined, method: string): client is Client {
  const capability = CAPABILITY_OF.get(method);
  return capability !== undefined && client?.capabilities[capability] !== undefined;
}

import { isJsonObject } from '@hostler/kernel';
import type { Client, ClientRequest, JsonObject } from '@hostler/kernel';
import { clientErrors } from '../client-errors.ts';

/** The capability with which a client says that it answers a question. Source: MCP 2025-11-25, client features. */
const CAPABILITY_OF: ReadonlyMap<string, string> = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
]);

/** Whether this client said that it answers questions of any kind. */
export function canBeAsked({ capabilities }: Client): boolean {
  for (const name of CAPABILITY_OF.values()) if (capabilities[name] !== undefined) return true;
  return false;
}

/** @throws CLIENT_CANNOT_BE_ASKED when this client did not say that it answers such a question. */
export function requireAskable({ capabilities }: Client, { method, params = {} }: ClientRequest): void {
  const name = CAPABILITY_OF.get(method);
  const capability = name === undefined ? undefined : capabilities[name];
  if (capability === undefined) throw refusal(method, 'it did not declare the capability');
  if (name === 'elicitation' && !canElicit(isJsonObject(capability) ? capability : {}, params['mode'])) {
    throw refusal(method, 'it did not declare this mode of elicitation');
  }
}

/** An empty object means forms, as before there were modes. Source: MCP 2025-11-25, client/elicitation. */
function canElicit(capability: JsonObject, mode: unknown): boolean {
  if (mode === 'url') return capability['url'] !== undefined;
  return capability['form'] !== undefined || capability['url'] === undefined;
}

export function refusal(method: string, reason: string): Error {
  return clientErrors.CANNOT_BE_ASKED({ details: { method, reason } });
}

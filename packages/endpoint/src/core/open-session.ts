import { randomBytes } from 'node:crypto';
import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { initializeResult, negotiateLegacyRevision, protocolErrors } from '@hostler/protocol';
import type { Caller, EndpointParts } from './endpoint-parts.ts';
import { Session } from './session.ts';

/** What a client says of itself stays with its session: characters of JSON. */
const MAX_DESCRIPTION = 64 * 1024;

/** The session that an `initialize` request asks for. @throws PROTOCOL_INVALID_PARAMS */
export function openSession(parts: EndpointParts, caller: Caller, params: JsonObject): Session {
  const { protocolVersion, capabilities = {}, clientInfo } = params;
  if (typeof protocolVersion !== 'string') throw invalid('"protocolVersion" must be a string');
  if (!isJsonObject(capabilities)) throw invalid('"capabilities" must be an object');
  if (clientInfo !== undefined && !isJsonObject(clientInfo)) throw invalid('"clientInfo" must be an object');
  const described = JSON.stringify([capabilities, clientInfo]).length;
  if (described > MAX_DESCRIPTION) throw invalid('"capabilities" and "clientInfo" are too large');
  return new Session(parts, {
    id: randomBytes(32).toString('base64url') + parts.mark,
    caller,
    client: {
      era: 'legacy',
      protocolVersion: negotiateLegacyRevision(protocolVersion),
      capabilities,
      ...(clientInfo === undefined ? {} : { info: clientInfo }),
    },
  });
}

/** What the session's `initialize` is answered with. @throws what `Host.describe` throws */
export async function describeTo({ host }: EndpointParts, { caller, client }: Session): Promise<JsonObject> {
  const description = await host.describe(caller.scope, caller.consumer, client);
  return initializeResult(description, client.protocolVersion);
}

/** Lets the host free what it keeps for the session. Never rejects. */
export async function endAtHost({ host, log }: EndpointParts, { id }: Session): Promise<void> {
  try {
    await host.endSession(id);
  } catch (error) {
    log.error({ error }, 'the host failed to end a session');
  }
}

/** Lets the host let go of what is of no use while the client is silent. Never rejects. */
export async function restAtHost({ host, log }: EndpointParts, { id }: Session): Promise<void> {
  try {
    await host.restSession(id);
  } catch (error) {
    log.error({ error }, 'the host failed to let a session rest');
  }
}

function invalid(problem: string): Error {
  return protocolErrors.INVALID_PARAMS({ details: { problem } });
}

import { isJsonObject, Payload } from '@hostler/kernel';
import type { Exchange, McpRequest, Outcome } from '@hostler/kernel';
import type { HostParts } from '../host-parts.ts';
import type { Consents } from './consents.ts';
import { isConsentError, SIGN_IN } from './sign-in.ts';

/** What asking a user for a consent needs of the host. */
export type ConsentParts = Pick<HostParts, 'pool' | 'catalogs' | 'views'> & { readonly consents: Consents };

/** A request to a server that may want its user's consent first: then the user is asked, and the request goes on once. */
export async function withConsent(
  parts: ConsentParts,
  exchange: Exchange,
  { server, request }: { readonly server: string; readonly request: McpRequest },
  send: () => Promise<Outcome>,
): Promise<Outcome> {
  if (isSignIn(request) && parts.catalogs.awaitsSignIn(exchange, server)) {
    await reachServer(parts, exchange, server);
    return signedIn(server);
  }
  return oncemore(parts, exchange, server, send);
}

/**
 * A call of what is in no list: of a tool that its user has to sign in for, or of the signing in when that is done.
 * @param go for what is listed then
 * @returns undefined for a call of something that does not exist
 */
export function answerUnlisted(
  parts: ConsentParts,
  exchange: Exchange,
  go: () => Promise<Outcome>,
): Promise<Outcome> | undefined {
  const meant = meantTool(parts, exchange);
  if (meant === undefined) return undefined;
  const { server, name } = meant;
  if (name === SIGN_IN) return reachServer(parts, exchange, server).then(() => signedIn(server));
  if (!parts.catalogs.awaitsSignIn(exchange, server)) return undefined;
  return reachServer(parts, exchange, server).then(go);
}

/** Only what this user may see: whether there is something else is nobody's business. */
function meantTool(
  { pool, consents, views }: ConsentParts,
  exchange: Exchange,
): { readonly server: string; readonly name: string } | undefined {
  const { request, scope } = exchange;
  const { name } = request.params;
  if (request.method !== 'tools/call' || typeof name !== 'string') return undefined;
  const isMeant = (server: string): boolean => name.startsWith(`${server}__`);
  const server = scope.kind === 'server' ? scope.name : pool.states().find((state) => isMeant(state.name))?.name;
  if (server === undefined || !consents.concerns(server) || !views.hasServer(exchange, server)) return undefined;
  const own = scope.kind === 'server' ? name : name.slice(server.length + 2);
  return views.of(exchange).allows('tool', server, own) ? { server, name: own } : undefined;
}

/** Resolves when the server can be reached for this user, and what it offers is known. @throws CONSENT_*, OAUTH_*, UPSTREAM_* */
async function reachServer(parts: ConsentParts, exchange: Exchange, server: string): Promise<void> {
  await oncemore(parts, exchange, server, async () => parts.pool.connection(server, exchange));
  await parts.catalogs.signedIn(exchange, server);
}

async function oncemore<T>(
  { consents, catalogs }: ConsentParts,
  exchange: Exchange,
  server: string,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!isConsentError(error)) throw error;
    await consents.obtain(exchange, server, error);
  }
  try {
    const done = await attempt();
    void catalogs.signedIn(exchange, server);
    return done;
  } catch (error) {
    throw isConsentError(error) ? consents.required(exchange, server, error) : error;
  }
}

function isSignIn({ method, params }: McpRequest): boolean {
  return method === 'tools/call' && isJsonObject(params) && params['name'] === SIGN_IN;
}

function signedIn(server: string): Outcome {
  const text = `You are signed in to ${server}: its tools are listed now.`;
  return { kind: 'result', era: 'legacy', payload: Payload.of({ content: [{ type: 'text', text }] }) };
}

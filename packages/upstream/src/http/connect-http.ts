import type { HttpSpec } from '@hostler/kernel';
import type { Connect, ConnectContext, Connection } from '../connection.ts';
import { resolveRemote } from '../network/resolve-remote.ts';
import { connectSse, trySse } from '../sse/connect-sse.ts';
import { discover } from './discover.ts';
import { failuresOf } from './failures.ts';
import type { Failures } from './failures.ts';
import type { HttpContext } from './http-context.ts';
import { askToInitialize, openSession } from './initialize.ts';
import { LegacyConnection } from './legacy-connection.ts';
import { openLink } from './link.ts';
import { ServerAuthorization } from '../server-authorization.ts';
import type { ServerTokens } from '../server-tokens.ts';
import { ModernConnection } from './modern-connection.ts';

export interface ConnectHttpOptions {
  /** The host's own environment: the names of proxies are read from it. */
  readonly baseEnvironment: Readonly<Record<string, string | undefined>>;
  /** Absent: a server that wants tokens gets none. */
  readonly tokens?: ServerTokens;
}

/**
 * Connects to servers behind HTTP: Streamable HTTP of either era, or HTTP+SSE.
 * The connector throws UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_PROTOCOL, UPSTREAM_RESULT_TOO_LARGE, SECRET_*,
 * or the signal's reason.
 */
export function createConnectHttp({ baseEnvironment, tokens }: ConnectHttpOptions): Connect {
  return async (context) => {
    const { transport, name } = context.spec;
    if (transport.kind !== 'http') throw new TypeError('this connector serves http transports only');
    const failures = failuresOf(name, context.limits.messageBytes);
    const http = await openContext(context, { transport, failures, environment: baseEnvironment, tokens });
    try {
      return await (transport.protocol === 'sse' ? connectSse(http) : negotiate(http));
    } catch (thrown) {
      await http.link.close();
      throw thrown;
    }
  };
}

interface Target {
  readonly transport: HttpSpec;
  readonly failures: Failures;
  readonly environment: ConnectHttpOptions['baseEnvironment'];
  readonly tokens: ServerTokens | undefined;
}

async function openContext(
  connect: ConnectContext,
  { transport, failures, environment, tokens }: Target,
): Promise<HttpContext> {
  const { clock, limits, screen } = connect;
  connect.onPhase?.('resolving');
  const remote = { transport, protocols: ['http:', 'https:'], failures, environment };
  const { url, headers, route } = await resolveRemote(connect, remote);
  connect.onPhase?.('connecting');
  let lastId = 0;
  const { oauth } = transport;
  const server = oauth && { name: connect.spec.name, url: transport.url, oauth };
  const authorization = tokens && server && new ServerAuthorization(tokens, server, connect.consumer);
  // HTTP+SSE opens its stream with what there is.
  if (authorization !== undefined) await authorization.ready(connect.signal);
  return {
    connect,
    url,
    headers,
    ...(authorization && { authorization }),
    failures,
    clock,
    link: openLink({
      url,
      route,
      headers,
      authorization,
      maxBytes: limits.messageBytes,
      clock,
      ...(screen && { screen }),
    }),
    nextId: () => ++lastId,
  };
}

async function negotiate(http: HttpContext): Promise<Connection> {
  const { spec, signal } = http.connect;
  const modern = spec.era === 'legacy' ? undefined : await discover(http);
  if (modern !== undefined) return new ModernConnection(http, modern);
  if (spec.era === 'modern') {
    throw http.failures.protocol('It does not speak the modern era: set its era to "auto" or "legacy".', false);
  }
  http.connect.onPhase?.('initialising');
  const reply = await askToInitialize(http, { signal });
  // Source: MCP 2025-11-25, basic/transports (backwards compatibility): these three are what a server of the first
  // revision says to a POST. Refused credentials, redirects and 5xx say nothing about its transport.
  const status = reply.kind === 'refused' ? reply.status : reply.head.status;
  if (spec.transport.kind === 'http' && spec.transport.protocol === undefined && [400, 404, 405].includes(status)) {
    const connection = await trySse(http);
    if (connection !== undefined) return connection;
  }
  const connection = new LegacyConnection(http, await openSession(http, reply));
  await connection.open();
  return connection;
}

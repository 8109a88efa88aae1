import type { HttpSpec } from '@hostler/kernel';
import type { Connect, ConnectContext, Connection } from '../connection.ts';
import { resolveOutboundHeaders } from '../outbound-headers.ts';
import { discover } from './discover.ts';
import { failuresOf } from './failures.ts';
import type { Failures } from './failures.ts';
import type { HttpContext } from './http-context.ts';
import { initialize } from './initialize.ts';
import { LegacyConnection } from './legacy-connection.ts';
import { openLink } from './link.ts';
import { ModernConnection } from './modern-connection.ts';

/**
 * Connects to a server behind Streamable HTTP, of whichever era it speaks.
 * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_PROTOCOL, UPSTREAM_RESULT_TOO_LARGE, SECRET_*, or the
 * signal's reason
 */
export const connectHttp: Connect = async (context) => {
  const { transport, name } = context.spec;
  if (transport.kind !== 'http') throw new TypeError('connectHttp serves http transports only');
  const failures = failuresOf(name, context.limits.messageBytes);
  const http = await openContext(context, transport, failures);
  try {
    return await negotiate(http);
  } catch (thrown) {
    await http.link.close();
    throw thrown;
  }
};

async function openContext(connect: ConnectContext, transport: HttpSpec, failures: Failures): Promise<HttpContext> {
  const { spec, secrets, clock, signal, limits } = connect;
  const url = readUrl(transport.url, failures);
  const headers = await resolveOutboundHeaders({ server: spec.name, transport, secrets, clock, signal });
  let lastId = 0;
  return {
    connect,
    headers,
    failures,
    clock,
    link: openLink({ url, headers, maxBytes: limits.messageBytes, clock }),
    nextId: () => ++lastId,
  };
}

async function negotiate(http: HttpContext): Promise<Connection> {
  const { spec, client, signal } = http.connect;
  const modern = spec.era === 'legacy' ? undefined : await discover(http);
  if (modern !== undefined) return new ModernConnection(http, modern);
  if (spec.era === 'modern') {
    throw http.failures.protocol('It does not speak the modern era: set its era to "auto" or "legacy".', false);
  }
  const connection = new LegacyConnection(http, await initialize(http, { client, signal }));
  await connection.open();
  return connection;
}

function readUrl(text: string, failures: Failures): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw failures.unavailable('Its url is no http or https address.', false);
  }
  if (url.username !== '' || url.password !== '') {
    throw failures.unavailable('Its url holds credentials: move them to a header with a secret.', false);
  }
  return url;
}

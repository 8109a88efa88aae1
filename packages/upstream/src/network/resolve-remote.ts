import type { HttpSpec, WebSocketSpec } from '@hostler/kernel';
import type { ConnectContext } from '../connection.ts';
import type { Failures } from '../http/failures.ts';
import { MissingSecrets } from '../missing-secrets.ts';
import { resolveOutboundHeaders } from '../outbound-headers.ts';
import type { OutboundHeaders } from '../outbound-headers.ts';
import { NetworkFailure } from './network-failure.ts';
import { openRoute } from './open-route.ts';
import type { Route } from './open-route.ts';

export interface RemoteOptions {
  readonly transport: HttpSpec | WebSocketSpec;
  /** Those that its url may have, with the colon. */
  readonly protocols: readonly string[];
  readonly failures: Failures;
  /** The host's own environment: the names of proxies are read from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where a server on the network is, how it is reached, and what is sent along. */
export interface Remote {
  readonly url: URL;
  readonly headers: OutboundHeaders;
  readonly route: Route;
}

/** Reads the secrets of a server on the network; opens nothing yet. @throws SECRET_*, UPSTREAM_UNAVAILABLE */
export async function resolveRemote(
  context: ConnectContext,
  { transport, protocols, failures, environment }: RemoteOptions,
): Promise<Remote> {
  const { spec, secrets, clock, signal } = context;
  const url = readUrl(transport.url, protocols, failures);
  const missing = new MissingSecrets(context);
  const onMissing = missing.of('headers');
  const [headers, route] = await Promise.all([
    resolveOutboundHeaders({ server: spec.name, transport, secrets, clock, signal, onMissing }),
    openRoute({ url, network: transport.network, environment, context, onMissing: missing.of('tls') }).catch(
      (thrown: unknown) => {
        throw thrown instanceof NetworkFailure ? failures.unreachable(thrown) : thrown;
      },
    ),
  ]);
  return { url, headers, route };
}

/** @throws UPSTREAM_UNAVAILABLE */
function readUrl(text: string, protocols: readonly string[], failures: Failures): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !protocols.includes(url.protocol)) {
    const names = protocols.map((protocol) => protocol.slice(0, -1)).join(' or ');
    throw failures.unavailable(`Its url is no ${names} address.`, false);
  }
  if (url.username !== '' || url.password !== '') {
    throw failures.unavailable('Its url holds credentials: move them to a header with a secret.', false);
  }
  return url;
}

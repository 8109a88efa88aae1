import type { Socket } from 'node:net';
import type { NetworkSpec } from '@hostler/kernel';
import type { ConnectContext } from '../connection.ts';
import { chooseProxy } from './choose-proxy.ts';
import { CONNECT_TIMEOUT, connectorOf } from './connector.ts';
import type { Connector } from './connector.ts';
import { openTunnel } from './open-tunnel.ts';
import { readProxy } from './proxy.ts';
import type { Proxy } from './proxy.ts';
import { readTls } from './tls-material.ts';
import type { TlsSource } from './tls-material.ts';

/** The way to one server: direct, through a proxy, or over a unix socket. */
export interface Route {
  readonly connect: Connector;
  /** Present when plain HTTP goes through a proxy: that is sent whole urls (RFC 9112, 3.2.2), with these headers. */
  readonly forward?: { readonly origin: string; readonly headers: readonly string[] };
}

export interface RouteOptions {
  readonly url: URL;
  readonly network: NetworkSpec | undefined;
  /** For the proxy: the host's own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly context: Pick<ConnectContext, 'secrets' | 'signal' | 'clock'>;
  /** Called when the secrets of `tls` were read. */
  readonly onMissing?: TlsSource['onMissing'];
}

/** Chooses the way to a server; opens nothing yet. @throws SECRET_*, NetworkFailure */
export async function openRoute(options: RouteOptions): Promise<Route> {
  const { url, network = {}, environment, context, onMissing } = options;
  const { socket, tls = {} } = network;
  const material = await readTls(tls, { secrets: context.secrets, signal: context.signal, onMissing });
  const direct = connectorOf({ ...material, ...(socket === undefined ? {} : { socketPath: socket }) });
  if (socket !== undefined) return { connect: direct };
  const address = chooseProxy({ url, setting: network.proxy, environment });
  if (address === undefined) return { connect: direct };
  const proxy = readProxy(address);
  // A proxy expects the whole url of plain HTTP, and many refuse to open tunnels for it; a WebSocket needs the tunnel.
  if (url.protocol === 'http:') return forwardRoute(proxy, url);
  return { connect: tunnelConnector(proxy, direct, context.clock) };
}

function forwardRoute({ url, authorization }: Proxy, target: URL): Route {
  const credentials = authorization === undefined ? [] : ['proxy-authorization', authorization];
  return {
    // The name in the proxy's certificate is that of the proxy, not that of the Host header.
    connect: connectorOf(url.protocol === 'https:' ? { servername: url.hostname } : {}),
    forward: { origin: url.origin, headers: ['host', target.host, ...credentials] },
  };
}

function tunnelConnector(proxy: Proxy, secure: Connector, clock: ConnectContext['clock']): Connector {
  async function connect(...[options, callback]: Parameters<Connector>): Promise<void> {
    const isSecure = options.protocol === 'https:';
    const name = options.hostname.includes(':') ? `[${options.hostname}]` : options.hostname;
    const authority = `${name}:${options.port || (isSecure ? 443 : 80)}`;
    let httpSocket: Socket;
    try {
      httpSocket = await openTunnel({ proxy, authority, timeout: CONNECT_TIMEOUT, clock });
    } catch (error) {
      return callback(error as Error, null);
    }
    if (isSecure) secure({ ...options, httpSocket }, callback);
    else callback(null, httpSocket);
  }
  return (...parameters) => void connect(...parameters);
}

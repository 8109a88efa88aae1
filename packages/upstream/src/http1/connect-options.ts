import { isIP } from 'node:net';
import type { Connector } from '../network/connector.ts';
import type { OriginRequest } from './origin-request.ts';

type ConnectOptions = Parameters<Connector>[0];

/**
 * What a connector is asked for. The `host` of the request is what the certificate is for (RFC 9110, 4.3.4), but for a
 * forward proxy, which gets whole urls: its certificate is for its own name.
 */
export function connectOptions(
  { hostname, host, protocol, port }: URL,
  { path, headers }: Pick<OriginRequest, 'path' | 'headers'>,
): ConnectOptions {
  const name = protocol === 'https:' && path.startsWith('/') ? nameOf(hostOf(headers)) : '';
  // The brackets of an IPv6 address are of the url, not of the address (RFC 3986, 3.2.2).
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const options = { hostname: address, host, protocol, port, localAddress: null };
  return name === '' ? options : { ...options, servername: name };
}

function hostOf(headers: readonly string[]): string {
  const index = headers.findIndex((name, at) => at % 2 === 0 && name.length === 4 && name.toLowerCase() === 'host');
  return index === -1 ? '' : (headers[index + 1] as string);
}

/** Without its port; empty for an address, of which TLS takes none (RFC 6066, 3). */
function nameOf(host: string): string {
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) === 0 ? name : '';
}

import { lookup } from 'node:dns/promises';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { Connector } from './connector.ts';
import { networkErrors } from './network-errors.ts';
import type { Reach } from './reach.ts';

/** All addresses of a name. */
export type ResolveName = (host: string) => Promise<readonly LookupAddress[]>;

export const systemResolver: ResolveName = (host) => lookup(host, { all: true, verbatim: true });

type LookupCallback = (error: Error | null, addresses: LookupAddress[] | string, family?: number) => void;

/**
 * Connects to the addresses that were looked at and to no others: a name that is asked for twice may lead elsewhere the
 * second time (DNS rebinding). A name of which one address is out of reach is refused as a whole.
 * @param timeout milliseconds to a connection, TLS included
 */
export function guardedConnector(reach: Reach, resolveName: ResolveName, timeout: number): Connector {
  async function find(host: string, options: LookupOptions, callback: LookupCallback): Promise<void> {
    let addresses: readonly LookupAddress[];
    try {
      addresses = reachable(reach, host, await resolveName(host));
    } catch (error) {
      return callback(error as Error, []);
    }
    give(addresses, options, callback);
  }
  const lookupReachable = (...parameters: Parameters<typeof find>): void => void find(...parameters);
  const connect = buildConnector({ lookup: lookupReachable, allowH2: false, timeout } as buildConnector.BuildOptions);
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    // An address is looked up by nobody.
    if (isIP(host) !== 0 && !reach.allows(host, host)) return callback(refused(host), null);
    return connect(options, callback);
  };
}

/** @throws NETWORK_ADDRESS_REFUSED */
function reachable(reach: Reach, host: string, addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  if (addresses.length === 0 || addresses.some(({ address }) => !reach.allows(host, address))) throw refused(host);
  return addresses;
}

function give(addresses: readonly LookupAddress[], { all }: LookupOptions, callback: LookupCallback): void {
  if (all === true) return callback(null, [...addresses]);
  const [first] = addresses;
  return callback(null, first?.address ?? '', first?.family);
}

function refused(host: string): Error {
  return networkErrors.ADDRESS_REFUSED({ details: { host } });
}

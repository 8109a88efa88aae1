import { BlockList, isIP } from 'node:net';
import type { HostPlan } from '@hostler/config';
import { apiErrors } from './errors.ts';

/**
 * The address to bind for a host that a person wrote. `localhost` becomes a literal: a hosts file may point the name
 * anywhere.
 * @throws API_OPEN_BIND where other machines could reach it and nobody has to prove who they are; API_HOSTS_MISSING where
 * they could reach it and each of them would be refused
 */
export function bindAddress(host: string, { consumers, listen }: Pick<HostPlan, 'consumers' | 'listen'>): string {
  if (host === 'localhost') return '127.0.0.1';
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isLoopback(bare)) return bare;
  if (consumers === undefined) throw apiErrors.OPEN_BIND({ details: { host } });
  if ((listen.allowedHosts ?? []).length === 0) throw apiErrors.HOSTS_MISSING({ details: { host } });
  return bare;
}

/** The address as it stands in a URL (RFC 3986, section 3.2.2). */
export function urlHost(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}

export function isLoopback(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  return loopback.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

import { BlockList, isIP } from 'node:net';

export interface ProxyTarget {
  /** Lower case, without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Whether a list as in NO_PROXY names the target: host names (with everything under them), `*.name` (only what is under
 * it), addresses, networks such as `10.0.0.0/8`, each with `:port` if need be, or `*` for all.
 */
export function isExempt(list: string, target: ProxyTarget): boolean {
  return list.split(/[,\s]+/).some((entry) => entry !== '' && matches(entry.toLowerCase(), target));
}

/** Whether the target is this machine. Source: RFC 6761, 6.3 (names) and RFC 1122, 3.2.1.3 (addresses). */
export function isLoopback({ host }: Pick<ProxyTarget, 'host'>): boolean {
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function matches(entry: string, { host, port }: ProxyTarget): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInNetwork(entry, host);
  const { name, wantedPort } = splitPort(entry);
  if (wantedPort !== undefined && wantedPort !== port) return false;
  if (name === '*') return true;
  const isUnder = name.startsWith('*.');
  const domain = name.replace(/^\*?\./, '').replace(/\.$/, '');
  if (domain === '') return false;
  const bare = host.replace(/\.$/, '');
  return (!isUnder && bare === domain) || bare.endsWith(`.${domain}`);
}

/** An IPv6 address has colons of its own: with a port it stands in brackets. */
function splitPort(entry: string): { readonly name: string; readonly wantedPort?: number } {
  const [, address, addressPort] = /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? [];
  if (address !== undefined) return named(address, addressPort);
  const [, name = entry, port] = /^([^:]+):(\d+)$/.exec(entry) ?? [];
  return named(name, port);
}

function named(name: string, port: string | undefined): { readonly name: string; readonly wantedPort?: number } {
  return port === undefined ? { name } : { name, wantedPort: Number(port) };
}

function isInNetwork(entry: string, host: string): boolean {
  const version = isIP(host);
  const [, address = '', prefix = ''] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (version === 0 || isIP(address) !== version || Number(prefix) > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const network = new BlockList();
  network.addSubnet(address, Number(prefix), family);
  return network.check(host, family);
}

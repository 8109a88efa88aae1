import type { BlockList } from 'node:net';
import { isIP } from 'node:net';
import { classOfAddress, listOf } from './address-class.ts';

/** Where requests may go. */
export interface Reach {
  /**
   * @param host without brackets, lower case
   * @param address that the name stands for; the same text where the host is an address
   */
  allows(host: string, address: string): boolean;
}

export interface ReachOptions {
  /** Hosts that the operator has written somewhere: they may be at private addresses, and on this machine. */
  readonly hosts: readonly string[];
  /** Host names, `*.example.com` for every name below one, addresses and prefixes such as `10.0.0.0/8`. */
  readonly allow: readonly string[];
}

/**
 * Public addresses, and what the operator allows beside them. Those of clouds' metadata services and other link-local ones
 * are never reached, by whatever name.
 */
export function createReach({ hosts, allow }: ReachOptions): Reach {
  const named = new Set(hosts.map(bare));
  const prefixes = listOf(allow.flatMap(prefixOf));
  const names = allow.filter((entry) => prefixOf(entry).length === 0).map(bare);
  return {
    allows(host, address) {
      const kind = classOfAddress(address);
      if (kind === 'forbidden') return false;
      if (kind === 'public') return true;
      const asked = bare(host);
      return named.has(asked) || names.some((name) => fits(name, asked)) || holds(prefixes, address);
    },
  };
}

/** None for what is a name. */
function prefixOf(entry: string): string[] {
  const [network = '', length] = entry.split('/', 2);
  const family = isIP(network);
  if (family === 0) return [];
  return [`${network}/${length ?? (family === 4 ? '32' : '128')}`];
}

function fits(name: string, host: string): boolean {
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) && host.length >= name.length : name === host;
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Names end in a dot where they are whole; `localhost.` is `localhost`. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

import { BlockList, isIP } from 'node:net';

/**
 * What kind of address it is. `forbidden` are those that no server of anyone has: the metadata services of clouds and other
 * link-local ones, multicast, `0.0.0.0`.
 */
export type AddressClass = 'public' | 'loopback' | 'private' | 'forbidden';

/** Prefixes of the IANA registries of special-purpose addresses (RFC 6890) that are not globally reachable. */
const PRIVATE_V4: readonly string[] = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
];
/** The metadata service of Alibaba is inside 100.64.0.0/10, that of Oracle inside 192.0.0.0/24; one of Azure is public. */
const FORBIDDEN_V4: readonly string[] = [
  '0.0.0.0/8',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '192.0.0.192/32',
  '224.0.0.0/3',
];
/** The metadata services of AWS and of Google have addresses of their own among the unique local ones. */
const FORBIDDEN_V6: readonly string[] = ['::/128', 'fe80::/10', 'ff00::/8', 'fd00:ec2::254/128', 'fd20:ce::254/128'];
/** Everything that is public is in here (RFC 4291, 2.4), */
const GLOBAL_V6: readonly string[] = ['2000::/3'];
/** but for protocol assignments with Teredo, documentation, and 6to4, which holds an IPv4 address of anyone's choice. */
const SPECIAL_V6: readonly string[] = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const privateV4 = listOf(PRIVATE_V4);
const loopback = listOf(['127.0.0.0/8', '::1/128']);
const forbidden = listOf([...FORBIDDEN_V4, ...FORBIDDEN_V6]);
const globalV6 = listOf(GLOBAL_V6);
const specialV6 = listOf(SPECIAL_V6);

/** @param address as a resolver gives it; anything that is no address is `forbidden` */
export function classOfAddress(address: string): AddressClass {
  const family = isIP(address);
  if (family === 0) return 'forbidden';
  const inner = family === 6 ? embeddedV4(address) : address;
  if (inner === undefined) return classOfV6(address);
  if (forbidden.check(inner)) return 'forbidden';
  if (loopback.check(inner)) return 'loopback';
  return privateV4.check(inner) ? 'private' : 'public';
}

function classOfV6(address: string): AddressClass {
  if (forbidden.check(address, 'ipv6')) return 'forbidden';
  if (loopback.check(address, 'ipv6')) return 'loopback';
  return globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6') ? 'public' : 'private';
}

/** Of an IPv4-mapped address (RFC 4291, 2.5.5.2), and of one that a NAT64 translates (RFC 6052, 2.1). */
function embeddedV4(address: string): string | undefined {
  // The URL parser writes every form of one address in the same way (RFC 5952).
  const [plain = ''] = address.split('%', 1);
  const written = new URL(`http://[${plain}]/`).hostname;
  const found = /^\[(?:::ffff:|64:ff9b::)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})\]$/.exec(written);
  if (found === null) return undefined;
  const [high, low] = [found[1] ?? '0', found[2] ?? '0'].map((part) => Number.parseInt(part, 16)) as [number, number];
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** @param prefixes as `10.0.0.0/8`, of either family */
export function listOf(prefixes: readonly string[]): BlockList {
  const list = new BlockList();
  for (const prefix of prefixes) {
    const [network = '', length = ''] = prefix.split('/', 2);
    list.addSubnet(network, Number(length), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

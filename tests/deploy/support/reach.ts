import { BlockList, isIP } from 'node:net';
import { at, listAt, textAt } from './objects.ts';
import type { Manifest } from './objects.ts';

/** Whether a NetworkPolicy lets its pods send to an address and port. Rules for other pods reach no address. */
export function isReachable(policy: Manifest, address: string, port: number): boolean {
  return listAt(policy, 'spec.egress').some((rule) => {
    const ports = listAt(rule, 'ports');
    const isPort = ports.length === 0 || ports.some((one) => textAt(one, 'port') === String(port));
    const peers = listAt(rule, 'to');
    // A rule that names nobody is for everybody.
    return isPort && (peers.length === 0 || peers.some((peer) => holds(at(peer, 'ipBlock'), address)));
  });
}

function holds(block: unknown, address: string): boolean {
  const cidr = textAt(block, 'cidr');
  if (cidr === '' || !contains(cidr, address)) return false;
  return !listAt(block, 'except').some((except) => contains(String(except), address));
}

function contains(cidr: string, address: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  if (isIP(network) !== isIP(address)) return false;
  const type = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(address, type);
}

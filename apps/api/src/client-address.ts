import { BlockList, isIP, SocketAddress } from 'node:net';
import type { HostPlan } from '@hostler/config';
import type { RequestHead } from '@hostler/endpoint';
import { forwardedPeer } from './forwarded-peer.ts';
import { forwardedHops } from './forwarded-hops.ts';

/** From where a request comes, as far as that can be known. */
export interface ClientAddress {
  /**
   * The address of the client: where the other end is a trusted proxy, the right-most hop of its headers that is none. The
   * other end itself where no such header can be believed, and `unix` where that is a unix socket.
   */
  of(request: RequestHead): string;
  /** Whether the other end of the connection is a trusted proxy. */
  isTrusted(request: RequestHead): boolean;
}

/** Stands for whoever comes over a unix socket, which has no address. */
const UNIX = 'unix';

/** What a socket shows when its other end is gone. */
const UNKNOWN = 'unknown';

/**
 * @param trustedProxies addresses, ranges such as `10.0.0.0/8`, and `unix` for a unix socket. Nothing is trusted for being
 * this machine: a proxy on it is named like any other.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  if (trustedProxies.length === 0) return { of: peerAddress, isTrusted: () => false };
  const ranges = rangesOf(trustedProxies.filter((each) => each !== UNIX));
  const trustsSocket = trustedProxies.includes(UNIX);

  const trusts = (address: string): boolean =>
    address === UNIX ? trustsSocket : isIP(address) !== 0 && ranges.check(address, familyOf(address));

  /** What is right of a hop was written by somebody trusted; a hop that is no address hides all that is left of it. */
  function follow(peer: string, hops: readonly string[]): string {
    let last = peer;
    for (const hop of hops.toReversed()) {
      const address = plainAddress(hop);
      if (address === undefined) return last;
      last = address;
      if (!trusts(address)) return last;
    }
    return last;
  }

  return {
    of(request) {
      const { headers } = request;
      const peer = peerAddress(request);
      if (!trusts(peer)) return peer;
      const listed = headers['x-forwarded-for']?.toString().split(',');
      const standard = forwardedHops(headers.forwarded);
      const found = [listed, standard].flatMap((hops) => (hops === undefined ? [] : [follow(peer, hops)]));
      // A proxy writes one of the two and may pass on the other as a client wrote it: of two that differ neither counts.
      return found.length > 0 && found.every((address) => address === found[0]) ? (found[0] ?? peer) : peer;
    },
    isTrusted: (request) => trusts(peerAddress(request)),
  };
}

/** By the plan in force: a reload may change who is trusted. */
export function plannedClientAddress(runtime: { readonly plan: Pick<HostPlan, 'listen'> }): ClientAddress {
  let trusted = runtime.plan.listen.trustedProxies;
  let current = createClientAddress(trusted ?? []);
  const inForce = (): ClientAddress => {
    const { trustedProxies } = runtime.plan.listen;
    if (trustedProxies !== trusted) {
      trusted = trustedProxies;
      current = createClientAddress(trusted ?? []);
    }
    return current;
  };
  return { of: (request) => inForce().of(request), isTrusted: (request) => inForce().isTrusted(request) };
}

/** Of a connection that broke off there is no address of the other end any more, but still one of this end. */
export function peerAddress(request: Pick<RequestHead, 'socket'>): string {
  const forwarded = forwardedPeer(request);
  if (forwarded !== undefined) return plainAddress(forwarded.address) ?? forwarded.address;
  const { socket } = request;
  const { remoteAddress } = socket;
  if (remoteAddress !== undefined) return plainAddress(remoteAddress) ?? UNKNOWN;
  return socket.destroyed || socket.localAddress !== undefined ? UNKNOWN : UNIX;
}

/** `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`. */
const HOP = /^(?:\[([0-9a-f.:]{2,45})\]|(\d[\d.]{6,14})):\d{1,5}$|^\[?([0-9a-f.:]{2,45})(?:%[^\]]*)?\]?$/i;

/** In the one form that each address has; undefined for what is none. */
function plainAddress(text: string): string | undefined {
  const match = HOP.exec(text.trim());
  const address = match?.[1] ?? match?.[2] ?? match?.[3] ?? '';
  const version = isIP(address);
  if (version === 0) return undefined;
  if (version === 4) return address;
  const plain = new SocketAddress({ address, family: 'ipv6' }).address;
  // An IPv4 address in the clothes of IPv6, as a socket that takes both has it (RFC 4291, section 2.5.5.2).
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1] ?? plain;
}

function rangesOf(trusted: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const each of trusted) {
    const [address = '', bits] = each.split('/');
    if (bits === undefined) ranges.addAddress(address, familyOf(address));
    else ranges.addSubnet(address, Number(bits), familyOf(address));
  }
  return ranges;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

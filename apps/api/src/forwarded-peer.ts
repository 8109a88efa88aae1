import type { CertificateFacts } from '@hostler/auth';
import type { RequestHead } from '@hostler/endpoint';

/** The other end of a connection that another process of this host has. */
export interface Peer {
  /** `unix` for a unix socket. */
  readonly address: string;
  /** One that was verified there. */
  readonly certificate?: CertificateFacts | undefined;
}

/** On the request itself: what is kept beside it would have to be looked up, and forgotten, for each. */
const PEER = Symbol('peer');

interface Forwarded {
  [PEER]?: Peer;
}

export function setForwardedPeer(request: RequestHead, peer: Peer): void {
  (request as Forwarded)[PEER] = peer;
}

/** Undefined for a request of a connection of this process. */
export function forwardedPeer(request: Pick<RequestHead, 'socket'>): Peer | undefined {
  return (request as Forwarded)[PEER];
}

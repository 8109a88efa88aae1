import type { RequestHead } from '@hostler/endpoint';
import type { ClientCertificate } from '../client-certificate.ts';
import { forwardedPeer } from '../forwarded-peer.ts';
import type { Peer } from '../forwarded-peer.ts';
import { peerAddress } from '../client-address.ts';

/** Who is at the other end of the connection of a request, for another process. */
export function ownPeer({ clientCertificate }: { readonly clientCertificate: Pick<ClientCertificate, 'shown'> }) {
  return (request: RequestHead): Peer =>
    forwardedPeer(request) ?? { address: peerAddress(request), certificate: clientCertificate.shown(request) };
}

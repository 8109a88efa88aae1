import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { CertificateFacts } from '@hostler/auth';
import type { RequestHead } from '@hostler/endpoint';
import type { Runtime } from '@hostler/runtime';
import { forwardedPeer } from './forwarded-peer.ts';
import { certificateFacts } from './certificate-facts.ts';
import type { ClientAddress } from './client-address.ts';
import { forwardedCertificate } from './forwarded-certificate.ts';
import { isTlsSocket } from './is-tls.ts';

/** Which certificate the client of a request has. */
export interface ClientCertificate {
  /** Only one that was verified: here, or by a proxy whose word is taken for it. */
  of(request: RequestHead): CertificateFacts | undefined;
  /** The one that the other end of the connection itself has shown. */
  shown(request: RequestHead): CertificateFacts | undefined;
}

export interface ClientCertificateOptions {
  readonly runtime: Pick<Runtime, 'plan'>;
  readonly clientAddress: Pick<ClientAddress, 'isTrusted'>;
}

export function createClientCertificate({ runtime, clientAddress }: ClientCertificateOptions): ClientCertificate {
  /** Of connections: all requests of one show the same. */
  const known = new WeakMap<TLSSocket, CertificateFacts>();

  function shownBy(request: RequestHead): CertificateFacts | undefined {
    const forwarded = forwardedPeer(request);
    return forwarded === undefined ? ofConnection(request.socket) : forwarded.certificate;
  }

  function ofConnection(socket: Socket): CertificateFacts | undefined {
    // `authorized`: it is there, an authority of the configuration vouches for it, and it was good when it was shown.
    if (!isTlsSocket(socket) || !socket.authorized) return undefined;
    const before = known.get(socket);
    if (before !== undefined) return before;
    const shown = socket.getPeerX509Certificate();
    if (shown === undefined) return undefined;
    const facts = certificateFacts(shown);
    known.set(socket, facts);
    return facts;
  }

  return {
    shown: shownBy,
    of(request) {
      const header = runtime.plan.auth.certificateHeader;
      if (header === undefined) return shownBy(request);
      const value = request.headers[header.name];
      // Whoever it is from: nobody looks at it again.
      if (value !== undefined) delete request.headers[header.name];
      // The certificate at the connection of such a proxy is its own, and says nothing of who asks.
      if (!clientAddress.isTrusted(request)) return shownBy(request);
      return value === undefined ? undefined : forwardedCertificate(value.toString(), header.format);
    },
  };
}

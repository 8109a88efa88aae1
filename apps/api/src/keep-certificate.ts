import { constants } from 'node:crypto';
import type { Server as HttpsServer } from 'node:https';
import type { Runtime, TlsMaterial } from '@hostler/runtime';

export interface CertificateKeeping {
  readonly runtime: Pick<Runtime, 'tls' | 'log' | 'clock'>;
  readonly server: HttpsServer;
  /** What the server has now. */
  readonly first: TlsMaterial;
  /** Ends the connections of those who were let in, or are about to be, by authorities that are others now. */
  readonly endCertified: () => void;
}

/**
 * Gives the server its certificate anew whenever it may be another one. Connections that there are go on; when it cannot be
 * used, so does the one before. @returns the end of it
 */
export function keepCertificate({ runtime, server, first, endCertified }: CertificateKeeping): () => void {
  const { tls, log } = runtime;
  const stopped = new AbortController();
  let current = first;
  /** One after the other: what was read last counts. */
  let reading: Promise<void> = Promise.resolve();

  async function renew(): Promise<void> {
    try {
      const next = await readCertificate(runtime, stopped.signal);
      // Whether there is TLS at all is a matter of a restart.
      if (next === undefined || isSame(current, next)) return;
      server.setSecureContext(contextOf(next));
      const hasOtherAuthorities = next.clientAuthorities !== current.clientAuthorities;
      current = next;
      log.info({}, 'the certificate of the host was read anew');
      if (hasOtherAuthorities) endCertified();
    } catch (error) {
      if (stopped.signal.aborted) return;
      log.error({ error }, 'the certificate was not taken over; the one before it stays in use');
    }
  }

  const unsubscribe = tls.onChange(() => {
    reading = reading.then(renew);
  });
  return () => {
    unsubscribe();
    stopped.abort();
  };
}

/** As it is now; undefined where there is to be no TLS. @throws LISTEN_TLS_UNUSABLE, or the reason of the signal */
export async function readCertificate(
  { tls, clock }: Pick<Runtime, 'tls' | 'clock'>,
  stopped: AbortSignal,
): Promise<TlsMaterial | undefined> {
  const late = new AbortController();
  const stopTimer = clock.after(READ_TIME, () => late.abort(new Error('The certificate could not be read in time')));
  try {
    return await tls.read(AbortSignal.any([stopped, late.signal]));
  } finally {
    stopTimer();
  }
}

/** What of it the TLS library is given, at the start and later. */
export function contextOf({ certificate, key, clientAuthorities }: TlsMaterial) {
  return {
    cert: certificate,
    key,
    // An empty list, and not none: the authorities of the system vouch for no client.
    ca: clientAuthorities ?? [],
    // Older ones are broken (RFC 8996).
    minVersion: 'TLSv1.2',
    // Who a client is does not change in the middle of a connection.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  } as const;
}

function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  return (
    one.certificate === other.certificate && one.key === other.key && one.clientAuthorities === other.clientAuthorities
  );
}

/** Milliseconds that files, and the backend of a secret, have to hand it out. */
const READ_TIME = 30_000;

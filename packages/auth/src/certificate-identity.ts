import type { Identity } from '@hostler/kernel';

/** A client certificate that was verified, by this host or by a proxy whose word is taken for it. */
export interface CertificateFacts {
  /** With their kinds: `URI:spiffe://corp/agent`, `DNS:agent.corp`, `email:bot@corp`. */
  readonly subjectAltNames: readonly string[];
  /** `sha256:` and 64 hexadecimal digits in lower case: of the whole certificate. */
  readonly fingerprint: string;
  /** Milliseconds since 1970; absent where whoever verified it does not say. */
  readonly expiresAt?: number;
}

/** Enough to find the certificate. */
const SHOWN_DIGITS = 12;

/** Proved by a client certificate. */
export class CertificateIdentity implements Identity {
  readonly method = 'certificate';
  /** Its name that says whose it is. */
  readonly subject: string;
  readonly credential: string;
  declare readonly expiresAt?: number;
  readonly #certificate: CertificateFacts;

  constructor(certificate: CertificateFacts, subject: string) {
    const { fingerprint, expiresAt } = certificate;
    this.subject = subject;
    this.credential = fingerprint.slice(0, 'sha256:'.length + SHOWN_DIGITS);
    if (expiresAt !== undefined) this.expiresAt = expiresAt;
    this.#certificate = certificate;
    Object.freeze(this);
  }

  /** Absent for an identity that was not proved by a certificate. */
  static certificateOf(identity: Identity): CertificateFacts | undefined {
    return #certificate in identity ? identity.#certificate : undefined;
  }
}

import type { Consumer } from '@hostler/kernel';
import { authErrors } from './auth-errors.ts';
import { CertificateIdentity } from './certificate-identity.ts';
import type { CertificateFacts } from './certificate-identity.ts';
import type { ConsumerSpec } from './consumer-spec.ts';

interface Owner {
  /** Of the consumer in the configuration. */
  readonly position: number;
  readonly consumer: string;
  /** What of the certificate says so. */
  readonly match: string;
}

/** Whose certificate it is. */
export class CertificateTable {
  readonly #owners: ReadonlyMap<string, Owner>;
  readonly #wallClock: () => number;
  /** A connection shows one certificate with all its requests. */
  readonly #known = new WeakMap<CertificateFacts, Consumer>();

  constructor(consumers: readonly ConsumerSpec[], wallClock: () => number) {
    const owners = consumers.flatMap(({ name, certificates = [] }, position) =>
      certificates.map((match): Owner => ({ position, consumer: name, match })),
    );
    this.#owners = new Map(owners.map((owner) => [owner.match, owner]));
    this.#wallClock = wallClock;
  }

  /**
   * One that is nobody's proves nothing: it may be there for the sake of the connection alone.
   * @throws AUTH_MISSING, AUTH_EXPIRED
   */
  identify(certificate: CertificateFacts): Consumer {
    const consumer = this.#known.get(certificate) ?? this.#prove(certificate);
    if (consumer === undefined) throw authErrors.MISSING();
    if (this.#isExpired(certificate)) throw authErrors.EXPIRED();
    return consumer;
  }

  isGood({ name }: Consumer, certificate: CertificateFacts): boolean {
    return !this.#isExpired(certificate) && this.#ownerOf(certificate)?.consumer === name;
  }

  #prove(certificate: CertificateFacts): Consumer | undefined {
    const owner = this.#ownerOf(certificate);
    if (owner === undefined) return undefined;
    const identity = new CertificateIdentity(certificate, owner.match);
    const consumer = Object.freeze({ name: owner.consumer, identity });
    this.#known.set(certificate, consumer);
    return consumer;
  }

  /** The first consumer, in the order of the configuration, of which something stands in it. */
  #ownerOf({ subjectAltNames, fingerprint }: CertificateFacts): Owner | undefined {
    const owners = [fingerprint, ...subjectAltNames].flatMap((name) => this.#owners.get(name) ?? []);
    return owners.toSorted((one, other) => one.position - other.position)[0];
  }

  #isExpired({ expiresAt }: CertificateFacts): boolean {
    return expiresAt !== undefined && this.#wallClock() >= expiresAt;
  }
}

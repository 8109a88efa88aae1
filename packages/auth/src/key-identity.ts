import type { Identity } from '@hostler/kernel';

/** Enough to find the line of the configuration. */
const SHOWN_DIGITS = 12;

export interface KeyProof {
  /** Of the whole key, as `hashKey` makes it. */
  readonly digest: string;
  /** Of a key that is kept as a secret. */
  readonly reference?: string | undefined;
  readonly expires?: number | undefined;
}

/** Proved by a key. The whole hash stays inside: of a key that a person thought of, it would be something to guess by. */
export class KeyIdentity implements Identity {
  readonly method = 'key';
  readonly credential: string;
  declare readonly expiresAt?: number;
  readonly #digest: string;

  constructor({ digest, reference, expires }: KeyProof) {
    this.credential = reference ?? digest.slice(0, 'sha256:'.length + SHOWN_DIGITS);
    if (expires !== undefined) this.expiresAt = expires;
    this.#digest = digest;
    Object.freeze(this);
  }

  /** Absent for an identity that was not proved by a key. */
  static digestOf(identity: Identity): string | undefined {
    return #digest in identity ? identity.#digest : undefined;
  }
}

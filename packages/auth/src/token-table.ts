import { isHostlerError, isJsonObject } from '@hostler/kernel';
import type { Consumer, ConsumerSpec, Identity, JsonObject, Logger } from '@hostler/kernel';
import { authErrors } from './auth-errors.ts';
import { claimValues } from './claim-values.ts';
import { RememberedTokens } from './remembered-tokens.ts';
import { TokenIdentity } from './token-identity.ts';
import { failureReason, isFailure } from './token-failure.ts';
import { tokenOwner } from './token-owner.ts';
import { TOLERANCE_SECONDS } from './token-verifier.ts';
import type { TokenVerifier, VerifiedToken } from './token-verifier.ts';

export interface TokenTableOptions {
  readonly consumers: readonly ConsumerSpec[];
  readonly verifiers: readonly TokenVerifier[];
  readonly wallClock: () => number;
  readonly log: Logger;
}

/** A token, and the hash of all of it. */
export interface PresentedToken {
  readonly text: string;
  readonly digest: string;
}

/** Whose token it is. */
export class TokenTable {
  readonly #options: TokenTableOptions;
  readonly #remembered: RememberedTokens;
  /** Of identities, also those that another table established: what they prove here does not change. */
  readonly #owners = new WeakMap<Identity, { readonly name: string | undefined }>();

  constructor(options: TokenTableOptions) {
    this.#options = options;
    this.#remembered = new RememberedTokens(options.wallClock);
  }

  /** Whether tokens are looked at. */
  get isOpen(): boolean {
    return this.#options.verifiers.length > 0;
  }

  /** @throws AUTH_INVALID, AUTH_EXPIRED, AUTH_FORBIDDEN, AUTH_UNAVAILABLE, or the reason of the signal */
  identify(token: PresentedToken, signal: AbortSignal): Consumer | Promise<Consumer> {
    return this.#remembered.find(token.digest) ?? this.#verify(token, signal);
  }

  isGood({ name }: Consumer, identity: TokenIdentity): boolean {
    if (this.#options.wallClock() >= identity.expiresAt) return false;
    let owner = this.#owners.get(identity);
    if (owner === undefined) {
      owner = { name: this.#ownerOf(identity) };
      this.#owners.set(identity, owner);
    }
    return owner.name === name;
  }

  async #verify({ text, digest }: PresentedToken, signal: AbortSignal): Promise<Consumer> {
    const verifier = this.#verifierOf(text);
    if (verifier === undefined) throw this.#refused(new Error('no issuer fits its iss and aud'));
    try {
      const token = await verifier.verify(text, signal);
      const identity = new TokenIdentity({ ...proofOf(token), issuer: verifier.spec.issuer, digest });
      const name = this.#ownerOf(identity);
      if (name === undefined) throw authErrors.FORBIDDEN();
      const consumer = Object.freeze({ name, identity });
      this.#remembered.add(digest, consumer, identity.expiresAt);
      return consumer;
    } catch (error) {
      signal.throwIfAborted();
      throw this.#refused(error);
    }
  }

  /** By what the token says of itself: which is proved, or not, by the keys of that issuer alone. */
  #verifierOf(token: string): TokenVerifier | undefined {
    const claims = unverifiedClaims(token);
    return claims === undefined ? undefined : this.#verifierFor(claims);
  }

  #verifierFor({ iss, aud }: JsonObject, algorithm?: string): TokenVerifier | undefined {
    const audience: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    return this.#options.verifiers.find(
      ({ spec }) =>
        spec.issuer === iss &&
        spec.audience.some((each) => audience.includes(each)) &&
        (algorithm === undefined || spec.algorithms.includes(algorithm)),
    );
  }

  #ownerOf(identity: TokenIdentity): string | undefined {
    const verifier = this.#verifierFor(identity.claims, TokenIdentity.algorithmOf(identity));
    return verifier && tokenOwner(this.#options.consumers, verifier.spec, identity.claims);
  }

  /** The caller learns the kind of the problem, the log the reason; neither learns anything of what the token holds. */
  #refused(error: unknown): Error {
    if (isHostlerError(error)) return error;
    const reason = failureReason(error);
    this.#options.log.debug({ reason }, 'A token was refused');
    // The original error holds the claims.
    const cause = new Error(reason);
    return isFailure(error, 'ERR_JWT_EXPIRED') ? authErrors.EXPIRED({ cause }) : authErrors.INVALID({ cause });
  }
}

function proofOf({
  claims,
  algorithm,
  subject,
  expires,
}: VerifiedToken): Omit<ConstructorParameters<typeof TokenIdentity>[0], 'issuer' | 'digest'> {
  const scopes = [...new Set(['scope', 'scp'].flatMap((path) => claimValues(claims, path)))];
  return { claims, algorithm, subject, scopes, expiresAt: (expires + TOLERANCE_SECONDS) * 1000 };
}

/** Absent for anything but three parts: encrypted tokens have five. */
function unverifiedClaims(token: string): JsonObject | undefined {
  const [, claims, signature, more] = token.split('.', 4);
  if (claims === undefined || signature === undefined || more !== undefined) return undefined;
  try {
    const found: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    return isJsonObject(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

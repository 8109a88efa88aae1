import { isHostlerError } from '@hostler/kernel';
import type { Consumer, Identity, Logger } from '@hostler/kernel';
import { authErrors } from './auth-errors.ts';
import { RememberedTokens } from './remembered-tokens.ts';
import { failureReason, isFailure } from './token-failure.ts';
import { TokenIdentity } from './token-identity.ts';
import type { PresentedToken, TokenIssuer, TokenMeans } from './token-issuer.ts';
import { tokenOwner } from './token-owner.ts';
import type { TokenOwner } from './token-owner.ts';
import { unverifiedToken } from './unverified-token.ts';
import type { ConsumerSpec } from './consumer-spec.ts';

export interface TokenTableOptions {
  readonly consumers: readonly ConsumerSpec[];
  readonly issuers: readonly TokenIssuer[];
  readonly wallClock: () => number;
  readonly log: Logger;
  /** Identities hold the token that proved them, for exchanging it. */
  readonly keepsTokens?: boolean | undefined;
}

/** Whose token it is. */
export class TokenTable {
  readonly #options: TokenTableOptions;
  /** By how a token comes; who has to be asked is asked last, about what nobody else has issued. */
  readonly #issuers: ReadonlyMap<TokenMeans, readonly TokenIssuer[]>;
  readonly #asksIssuer: boolean;
  readonly #remembered: RememberedTokens;
  /** Of identities, also those that another table established: what they prove here does not change. */
  readonly #owners = new WeakMap<Identity, { readonly name: string | undefined }>();

  constructor(options: TokenTableOptions) {
    this.#options = options;
    const isAsked = ({ spec }: TokenIssuer): boolean => spec.type === 'introspection';
    const inTurn = [...options.issuers.filter((each) => !isAsked(each)), ...options.issuers.filter(isAsked)];
    this.#issuers = Map.groupBy(inTurn, ({ means }) => means);
    this.#asksIssuer = inTurn.some(isAsked);
    this.#remembered = new RememberedTokens(options.wallClock);
  }

  /** Whether a text from a client that is no key of anybody may be a token. */
  mayBeToken(text: string): boolean {
    return this.#issuers.has('bearer') && (this.#asksIssuer || text.includes('.'));
  }

  /** @throws AUTH_INVALID, AUTH_EXPIRED, AUTH_FORBIDDEN, AUTH_SCOPE_MISSING, AUTH_UNAVAILABLE, or the reason of the signal */
  identify(token: PresentedToken, means: TokenMeans, signal: AbortSignal): Consumer | Promise<Consumer> {
    return this.#remembered.find(token.digest) ?? this.#verify(token, means, signal);
  }

  isGood({ name }: Consumer, identity: TokenIdentity): boolean {
    if (this.#options.wallClock() >= identity.expiresAt) return false;
    let known = this.#owners.get(identity);
    if (known === undefined) {
      const owner = this.#ownerOf(identity);
      known = { name: owner && 'name' in owner ? owner.name : undefined };
      this.#owners.set(identity, known);
    }
    return known.name === name;
  }

  async #verify(token: PresentedToken, means: TokenMeans, signal: AbortSignal): Promise<Consumer> {
    // By what the token says of itself: which is proved, or not, by that issuer alone.
    const said = unverifiedToken(token.text);
    const issuer = this.#issuers.get(means)?.find((each) => each.mayHaveIssued(said));
    if (issuer === undefined) throw this.#refused(new Error('no issuer fits its iss and aud'));
    try {
      const proof = await issuer.verify(token, signal);
      const identity = new TokenIdentity(proof, token.digest, this.#keeps(means) ? token.text : undefined);
      const consumer = Object.freeze({ name: ownName(this.#ownerOf(identity)), identity });
      this.#remembered.add(token.digest, consumer, proof.expiresAt, proof.maxAge);
      return consumer;
    } catch (error) {
      signal.throwIfAborted();
      throw this.#refused(error);
    }
  }

  /** What a proxy signed is no token that anybody else takes. */
  #keeps(means: TokenMeans): boolean {
    return this.#options.keepsTokens === true && means === 'bearer';
  }

  #ownerOf(identity: TokenIdentity): TokenOwner | undefined {
    const proof = TokenIdentity.proofOf(identity);
    const issuer = proof && this.#options.issuers.find((each) => each.accepts(proof));
    return issuer && tokenOwner(this.#options.consumers, issuer.spec, identity);
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

/** @throws AUTH_FORBIDDEN, AUTH_SCOPE_MISSING */
function ownName(owner: TokenOwner | undefined): string {
  if (owner === undefined) throw authErrors.FORBIDDEN();
  if ('name' in owner) return owner.name;
  throw authErrors.SCOPE_MISSING({ details: { scope: owner.missing.join(' ') } });
}

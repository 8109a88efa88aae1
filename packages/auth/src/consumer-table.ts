import { isHostlerError } from '@hostler/kernel';
import type { Clock, Consumer, Logger } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';
import type { SecretResolver } from '@hostler/secrets';
import { authErrors } from './auth-errors.ts';
import { CertificateIdentity } from './certificate-identity.ts';
import { CertificateTable } from './certificate-table.ts';
import { createTokenIssuer } from './create-token-issuer.ts';
import type { HeldIssuer } from './create-token-issuer.ts';
import { KeyIdentity } from './key-identity.ts';
import { KeyTable } from './key-table.ts';
import { checkKey, hashKey } from './key-text.ts';
import { presentedCredential } from './presented-credential.ts';
import type { PresentedCredential } from './presented-credential.ts';
import type { RequestFacts } from './request-facts.ts';
import { signedHeaders } from './signed-headers.ts';
import { TokenIdentity } from './token-identity.ts';
import { TokenTable } from './token-table.ts';
import type { ConsumerSpec } from './consumer-spec.ts';
import type { IssuerSpec } from './issuer-spec.ts';

/** Between two readings of keys that could not be read, when somebody comes with a key that may be one of them. */
const RETRY_KEYS = 5_000;

export interface ConsumerTableOptions {
  readonly consumers: readonly ConsumerSpec[];
  readonly issuers: readonly IssuerSpec[];
  readonly secrets: Pick<SecretResolver, 'resolve'>;
  readonly clock: Clock;
  /** Milliseconds since 1970, to compare with times of expiry; default `Date.now`. */
  readonly wallClock?: () => number;
  readonly fetch: typeof fetch;
  readonly log: Logger;
  /** Whether tokens are kept with the identities that they prove, because a server wants others in exchange for them. */
  readonly keepsTokens?: boolean;
  /**
   * Whose place it takes, as `createConsumerTable` made it. Keys that this one would have to read first serve as that one
   * has read them: nobody is refused because a secret or an issuer is slow, or away, when a configuration changes.
   */
  readonly former?: ConsumerTable | undefined;
}

/** Who may call. */
export interface ConsumerTable {
  /**
   * Without a promise when nothing has to be waited for.
   * @throws AUTH_MISSING, AUTH_INVALID, AUTH_EXPIRED (401), AUTH_FORBIDDEN (403: a valid token that is no consumer's),
   * AUTH_SCOPE_MISSING (403: it would be somebody's with more scopes: `scope` in its details), AUTH_UNAVAILABLE (503: what proves it cannot be had), or the reason of the signal
   */
  identify(facts: RequestFacts, signal: AbortSignal): Consumer | Promise<Consumer>;
  /** Whether what proved this identity is still good here, also when another table established it. Cheap. */
  isGood(consumer: Consumer): boolean;
  names(): readonly string[];
  /** The headers besides `Authorization` and `x-api-key` by which proxies say who somebody is, in lower case; mostly none. */
  readonly signedHeaders: readonly string[];
  /** Reads the secrets of keys anew: at the start, and after a rotation. A key that cannot be read is logged and no key. */
  readKeys(signal: AbortSignal): Promise<void>;
  /** Ends what is being read from issuers. */
  close(): void;
}

/** @throws AUTH_KEY_SHARED, AUTH_ISSUER_INVALID */
export function createConsumerTable(options: ConsumerTableOptions): ConsumerTable {
  return new KeysAndTokens(options);
}

class KeysAndTokens implements ConsumerTable {
  readonly signedHeaders: readonly string[];
  readonly #names: readonly string[];
  readonly #clock: Clock;
  readonly #wallClock: () => number;
  readonly #keys: KeyTable;
  readonly #tokens: TokenTable;
  readonly #certificates: CertificateTable;
  readonly #issuers: readonly HeldIssuer[];
  readonly #closed = new AbortController();
  #reading: Promise<void> | undefined;
  #readAt = -Infinity;

  constructor(options: ConsumerTableOptions) {
    const { consumers, issuers, secrets, clock, wallClock = Date.now, fetch, log } = options;
    const closed = this.#closed.signal;
    const former = options.former instanceof KeysAndTokens ? options.former : undefined;
    const context = { secrets, clock, wallClock, fetch, log, closed, former: former ? former.#issuers : [] };
    this.#issuers = issuers.map((spec) => createTokenIssuer(spec, context));
    this.signedHeaders = signedHeaders(issuers);
    this.#names = consumers.map(({ name }) => name);
    this.#clock = clock;
    this.#wallClock = wallClock;
    this.#keys = new KeyTable({ consumers, secrets, log, former: former && former.#keys });
    this.#certificates = new CertificateTable(consumers, wallClock);
    this.#tokens = new TokenTable({
      consumers,
      issuers: this.#issuers.map(({ issuer }) => issuer),
      wallClock,
      log,
      keepsTokens: options.keepsTokens,
    });
  }

  identify(facts: RequestFacts, signal: AbortSignal): Consumer | Promise<Consumer> {
    // A key or token says what the client wants to be taken for; its certificate may be there for the connection alone.
    const { authorization, apiKey, signed, certificate } = facts;
    if (certificate !== undefined && authorization === undefined && apiKey === undefined && signed === undefined) {
      return this.#certificates.identify(certificate);
    }
    const credential = presentedCredential(facts);
    const { text, means } = credential;
    // What a proxy signed is nothing that a client may send as its own.
    if (means !== 'bearer' && means !== 'key') {
      return this.#tokens.identify({ text, digest: hashKey(`${means} ${text}`) }, means, signal);
    }
    const digest = digestOf(text, facts);
    const known = this.#keys.find(digest);
    if (known !== undefined) return this.#unexpired(known);
    return this.#stranger(credential, digest, signal);
  }

  isGood(consumer: Consumer): boolean {
    const { identity } = consumer;
    if (identity instanceof TokenIdentity) return this.#tokens.isGood(consumer, identity);
    const certificate = identity && CertificateIdentity.certificateOf(identity);
    if (certificate !== undefined) return this.#certificates.isGood(consumer, certificate);
    const digest = identity && KeyIdentity.digestOf(identity);
    const known = digest === undefined ? undefined : this.#keys.find(digest);
    return known !== undefined && known.name === consumer.name && !this.#isExpired(known);
  }

  names(): readonly string[] {
    return this.#names;
  }

  async readKeys(signal: AbortSignal): Promise<void> {
    await this.#read(AbortSignal.any([signal, this.#closed.signal]));
  }

  close(): void {
    this.#closed.abort(authErrors.UNAVAILABLE());
  }

  /** No key that is known. */
  #stranger({ text, means }: PresentedCredential, digest: string, signal: AbortSignal): Consumer | Promise<Consumer> {
    const form = checkKey(text);
    // A key of this host is shown to no issuer, not even one that nobody has any more.
    if (means === 'bearer' && form === 'format' && !text.startsWith('hk_') && this.#tokens.mayBeToken(text)) {
      const found = this.#tokens.identify({ text, digest }, 'bearer', signal);
      return found instanceof Promise && !this.#keys.isComplete && !text.includes('.')
        ? this.#orKey(found, digest, signal)
        : found;
    }
    if (form === 'checksum' || this.#keys.isComplete) throw authErrors.INVALID();
    return this.#afterReading(digest, signal);
  }

  /** What its issuer does not know may be a key that could not be read. */
  async #orKey(token: Promise<Consumer>, digest: string, signal: AbortSignal): Promise<Consumer> {
    try {
      return await token;
    } catch (error) {
      if (!isHostlerError(error) || error.code !== authErrors.INVALID.code) throw error;
      return this.#afterReading(digest, signal);
    }
  }

  /** The key may be one that could not be read when it was tried. */
  async #afterReading(digest: string, signal: AbortSignal): Promise<Consumer> {
    if (this.#reading === undefined && this.#clock.now() - this.#readAt >= RETRY_KEYS) {
      void this.#read(this.#closed.signal).catch(ignore);
    }
    if (this.#reading !== undefined) await untilAborted(signal, this.#reading);
    const known = this.#keys.find(digest);
    if (known !== undefined) return this.#unexpired(known);
    throw this.#keys.isComplete ? authErrors.INVALID() : authErrors.UNAVAILABLE();
  }

  async #read(signal: AbortSignal): Promise<void> {
    const work = this.#keys.read(signal);
    this.#readAt = this.#clock.now();
    const settled = work.then(ignore, ignore);
    this.#reading = settled;
    try {
      await work;
    } finally {
      if (this.#reading === settled) this.#reading = undefined;
    }
  }

  #unexpired(consumer: Consumer): Consumer {
    if (this.#isExpired(consumer)) throw authErrors.EXPIRED();
    return consumer;
  }

  #isExpired({ identity }: Consumer): boolean {
    return identity?.expiresAt !== undefined && this.#wallClock() >= identity.expiresAt;
  }
}

/** The header is that of the last time, the same object: nothing that somebody guesses is compared with it. */
function digestOf(text: string, { authorization, apiKey, hashed }: RequestFacts): string {
  if (hashed === undefined) return hashKey(text);
  const header = authorization ?? apiKey ?? '';
  if (hashed.digest !== undefined && hashed.header === header) return hashed.digest;
  const digest = hashKey(text);
  hashed.header = header;
  hashed.digest = digest;
  return digest;
}

function ignore(): void {}

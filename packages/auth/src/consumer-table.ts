import type { Clock, Consumer, ConsumerSpec, IssuerSpec, Logger } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';
import type { SecretResolver } from '@hostler/secrets';
import { authErrors } from './auth-errors.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { KeyIdentity } from './key-identity.ts';
import { KeyTable } from './key-table.ts';
import { checkKey, hashKey } from './key-text.ts';
import { presentedCredential } from './presented-credential.ts';
import { TokenIdentity } from './token-identity.ts';
import { TokenTable } from './token-table.ts';
import { checkIssuer, TokenVerifier } from './token-verifier.ts';

/** Between two readings of keys that could not be read, when somebody comes with a key that may be one of them. */
const RETRY_KEYS = 5_000;

/** What a request shows of who sent it. */
export interface RequestFacts {
  /** The `Authorization` header as it came; several of them joined by a comma and a space. */
  readonly authorization?: string | undefined;
  /** The `x-api-key` header, the same way. */
  readonly apiKey?: string | undefined;
  /** Of the client. */
  readonly address?: string | undefined;
}

export interface ConsumerTableOptions {
  readonly consumers: readonly ConsumerSpec[];
  readonly issuers: readonly IssuerSpec[];
  readonly secrets: Pick<SecretResolver, 'resolve'>;
  readonly clock: Clock;
  /** Milliseconds since 1970, to compare with times of expiry; default `Date.now`. */
  readonly wallClock?: () => number;
  readonly fetch: typeof fetch;
  readonly log: Logger;
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
   * AUTH_UNAVAILABLE (503: what proves it cannot be had), or the reason of the signal
   */
  identify(facts: RequestFacts, signal: AbortSignal): Consumer | Promise<Consumer>;
  /** Whether what proved this identity is still good here, also when another table established it. Cheap. */
  isGood(consumer: Consumer): boolean;
  names(): readonly string[];
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
  readonly #names: readonly string[];
  readonly #clock: Clock;
  readonly #wallClock: () => number;
  readonly #keys: KeyTable;
  readonly #tokens: TokenTable;
  readonly #issuerKeys: readonly IssuerKeys[];
  readonly #closed = new AbortController();
  #reading: Promise<void> | undefined;
  #readAt = -Infinity;

  constructor(options: ConsumerTableOptions) {
    const { consumers, issuers, secrets, clock, wallClock = Date.now, fetch, log } = options;
    issuers.forEach(checkIssuer);
    const closed = this.#closed.signal;
    const former = options.former instanceof KeysAndTokens ? options.former : undefined;
    this.#issuerKeys = issuers.map(
      (spec) =>
        new IssuerKeys({
          spec,
          clock,
          fetch,
          log,
          closed,
          former: former && former.#issuerKeys.find((keys) => keys.areOf(spec)),
        }),
    );
    const verifiers = this.#issuerKeys.map((keys) => new TokenVerifier(keys.spec, keys, wallClock));
    this.#names = consumers.map(({ name }) => name);
    this.#clock = clock;
    this.#wallClock = wallClock;
    this.#keys = new KeyTable({ consumers, secrets, log, former: former && former.#keys });
    this.#tokens = new TokenTable({ consumers, verifiers, wallClock, log });
  }

  identify(facts: RequestFacts, signal: AbortSignal): Consumer | Promise<Consumer> {
    const { text, mayBeToken } = presentedCredential(facts);
    const digest = hashKey(text);
    const known = this.#keys.find(digest);
    if (known !== undefined) return this.#unexpired(known);
    if (mayBeToken && this.#tokens.isOpen && text.includes('.')) return this.#tokens.identify({ text, digest }, signal);
    const isMistyped = checkKey(text) === 'checksum';
    if (isMistyped || this.#keys.isComplete) throw authErrors.INVALID();
    return this.#afterReading(digest, signal);
  }

  isGood(consumer: Consumer): boolean {
    const { identity } = consumer;
    if (identity instanceof TokenIdentity) return this.#tokens.isGood(consumer, identity);
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

function ignore(): void {}

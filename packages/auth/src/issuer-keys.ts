import type { Clock, Logger } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';
import type { JWTVerifyGetKey } from 'jose';
import { authErrors } from './auth-errors.ts';
import { fetchDocument, findKeysAddress } from './issuer-documents.ts';
import { toKeySet } from './key-set.ts';
import type { JwtIssuerSpec } from './issuer-spec.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export const KEY_TIMES = {
  /** Keys are read anew when they are older. */
  fresh: 10 * MINUTE,
  /** While they cannot be read anew, the old ones serve until they are older than this. */
  stale: 60 * MINUTE,
  /** Between two reads: a flood of unknown keys is not passed on to the issuer. */
  cooldown: 30 * SECOND,
  /** The same where there are no keys to serve with. */
  retry: 5 * SECOND,
  timeout: 5 * SECOND,
} as const;

export interface IssuerKeysOptions {
  readonly spec: JwtIssuerSpec;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly log: Logger;
  /** Fires when the table is closed. */
  readonly closed: AbortSignal;
  /** Whose place it takes: the keys that one has are of the same issuer. */
  readonly former?: IssuerKeys | undefined;
}

interface HeldKeys {
  readonly keys: JWTVerifyGetKey;
  readonly readAt: number;
}

/** The public keys of one issuer: read when somebody needs them, by one request for all who wait. */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #held: HeldKeys | undefined;
  #address: string | undefined;
  #reading: Promise<void> | undefined;
  #triedAt = -Infinity;
  #hasFailed = false;

  constructor(options: IssuerKeysOptions) {
    this.#options = { ...options, former: undefined };
    this.#held = options.former && options.former.#held;
    this.#address = options.spec.jwks;
  }

  get spec(): JwtIssuerSpec {
    return this.#options.spec;
  }

  /** Whether these would be the keys of this issuer as well. */
  areOf({ issuer, jwks }: JwtIssuerSpec): boolean {
    return this.spec.issuer === issuer && this.spec.jwks === jwks;
  }

  /** @throws AUTH_UNAVAILABLE, or the reason of the signal */
  async current(signal: AbortSignal): Promise<JWTVerifyGetKey> {
    if (this.#age() > KEY_TIMES.fresh) await this.#read(signal);
    if (this.#held === undefined || this.#age() > KEY_TIMES.stale) throw this.#unavailable();
    return this.#held.keys;
  }

  /**
   * The keys that took the place of these, in which a key was missing; absent when none did.
   * @throws AUTH_UNAVAILABLE when the issuer may have new ones but cannot be asked; or the reason of the signal
   */
  async newer(than: JWTVerifyGetKey, signal: AbortSignal): Promise<JWTVerifyGetKey | undefined> {
    if (this.#held?.keys === than) await this.#read(signal);
    if (this.#hasFailed) throw this.#unavailable();
    return this.#held?.keys === than ? undefined : this.#held?.keys;
  }

  #age(): number {
    return this.#held === undefined ? Infinity : this.#options.clock.now() - this.#held.readAt;
  }

  /** Resolves when the read is over, however it went; at once while it is too early for one. */
  async #read(signal: AbortSignal): Promise<void> {
    const pause = this.#age() > KEY_TIMES.stale ? KEY_TIMES.retry : KEY_TIMES.cooldown;
    if (this.#reading === undefined && this.#options.clock.now() - this.#triedAt < pause) return;
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    await untilAborted(signal, this.#reading);
  }

  async #readOnce(): Promise<void> {
    const { clock, log, closed, spec } = this.#options;
    const controller = new AbortController();
    const timeout = new DOMException('did not answer in time', 'TimeoutError');
    const cancel = clock.after(KEY_TIMES.timeout, () => controller.abort(timeout));
    const signal = AbortSignal.any([controller.signal, closed]);
    this.#triedAt = clock.now();
    try {
      const keys = await untilAborted(signal, this.#fetchKeys(signal));
      this.#held = { keys, readAt: clock.now() };
      if (this.#hasFailed) log.info({ issuer: spec.name }, 'The keys of the issuer can be read again');
      this.#hasFailed = false;
    } catch (error) {
      this.#hasFailed = true;
      // It may have moved.
      this.#address = spec.jwks;
      const reason = error instanceof Error ? error.message : 'unknown';
      if (!closed.aborted) log.warn({ issuer: spec.name, reason }, 'The keys of the issuer cannot be read');
    } finally {
      cancel();
    }
  }

  async #fetchKeys(signal: AbortSignal): Promise<JWTVerifyGetKey> {
    const { spec, fetch } = this.#options;
    this.#address ??= await findKeysAddress(spec, { fetch, signal });
    return await toKeySet(await fetchDocument(this.#address, { fetch, signal }));
  }

  #unavailable(): Error {
    return authErrors.UNAVAILABLE({ cause: new Error(`no keys of the issuer ${this.#options.spec.name}`) });
  }
}

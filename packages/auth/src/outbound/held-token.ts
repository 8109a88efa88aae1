import { createHash } from 'node:crypto';
import type { OAuthTokens } from '@modelcontextprotocol/client';
import type { GrantContext, GrantServer } from './grant-context.ts';
import { readStoredToken } from './stored-token.ts';
import type { StoredToken } from './stored-token.ts';

/** A token is renewed this long before its end: it may take a while to arrive. */
const MARGIN = 30_000;

export interface HeldTokenOptions {
  readonly context: GrantContext;
  readonly server: GrantServer;
  /** As `principalOf` writes it; absent: the host itself. */
  readonly principal: string | undefined;
}

/** What an issuer gave, and what was asked of it. */
export interface GivenToken {
  readonly tokens: OAuthTokens;
  readonly clientId: string;
  readonly issuer: string;
  readonly requestedScope: string | undefined;
  readonly metadataUrl: string | undefined;
}

function tokenName({ name, url }: GrantServer, principal: string | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify(['token', name, url, principal ?? null]))
    .digest('hex');
}

/** The token that there is: in memory, and in the store where it is a user's. */
export class HeldToken {
  readonly #options: HeldTokenOptions;
  readonly #name: string;
  #token: StoredToken | undefined;
  #value = '';
  #isLoaded = false;
  #generation = 0;

  constructor(options: HeldTokenOptions) {
    this.#options = options;
    this.#name = tokenName(options.server, options.principal);
  }

  get current(): StoredToken | undefined {
    return this.#token;
  }

  /** Of `Authorization`; empty when there is none. */
  get value(): string {
    return this.#value;
  }

  /** Another one as soon as it was forgotten: what was asked for before that is nobody's then. */
  get generation(): number {
    return this.#generation;
  }

  isFresh(): boolean {
    const token = this.#token;
    if (token === undefined) return false;
    const { expiresAt, obtainedAt } = token;
    if (expiresAt === undefined) return true;
    // One of a short life would be renewed for every request.
    const margin = Math.min(MARGIN, (expiresAt - obtainedAt) / 2);
    return expiresAt - margin > this.#options.context.wallClock();
  }

  /** Even if only for a moment. */
  isGood(): boolean {
    const token = this.#token;
    if (token === undefined) return false;
    return token.expiresAt === undefined || token.expiresAt > this.#options.context.wallClock();
  }

  isYoungerThan(age: number): boolean {
    if (this.#token === undefined) return false;
    const own = this.#options.context.wallClock() - this.#token.obtainedAt;
    // Of a clock that was set back nothing follows.
    return own >= 0 && own < age;
  }

  /** Another one has to be got. @param mayRenew whether without the user */
  expire(mayRenew: boolean): void {
    if (this.#token === undefined) return;
    const { refreshToken, ...rest } = this.#token;
    this.#token = { ...rest, ...(mayRenew && refreshToken !== undefined && { refreshToken }), expiresAt: 0 };
  }

  async load(): Promise<void> {
    if (this.#isLoaded) return;
    const { context, server, principal } = this.#options;
    const generation = this.#generation;
    const text = await context.store.load(this.#name);
    const token = text === undefined ? undefined : readStoredToken(text);
    const isOurs = token?.server === server.name && token.url === server.url && token.principal === principal;
    if (isOurs && generation === this.#generation) this.#hold(token);
    this.#isLoaded = true;
  }

  /** @param generation that in which it was asked for */
  async take({ tokens, clientId, issuer, ...asked }: GivenToken, generation: number): Promise<void> {
    if (generation !== this.#generation) return;
    const { context, server, principal } = this.#options;
    const { access_token: accessToken, refresh_token: renewal, expires_in: lifetime, scope } = tokens;
    const { requestedScope, metadataUrl } = asked;
    const obtainedAt = context.wallClock();
    const token: StoredToken = {
      server: server.name,
      url: server.url,
      ...(principal !== undefined && { principal }),
      issuer,
      clientId,
      accessToken,
      ...(renewal !== undefined && { refreshToken: renewal }),
      ...(scope !== undefined && { scope }),
      ...(requestedScope !== undefined && { requestedScope }),
      obtainedAt,
      ...(lifetime !== undefined && { expiresAt: obtainedAt + lifetime * 1000 }),
      ...(metadataUrl !== undefined && { metadataUrl }),
    };
    this.#hold(token);
    this.#isLoaded = true;
    // The host's own can be had again at any time.
    if (server.oauth.grant !== 'authorization-code') return;
    await context.store.save(this.#name, JSON.stringify(token));
    if (generation !== this.#generation) await context.store.remove(this.#name);
  }

  async forget(): Promise<void> {
    this.#generation += 1;
    this.#token = undefined;
    this.#value = '';
    await this.#options.context.store.remove(this.#name);
  }

  #hold(token: StoredToken): void {
    const { remember } = this.#options.context;
    const name = `oauth://${token.server}/${this.#name.slice(0, 12)}`;
    remember(token.accessToken, name);
    if (token.refreshToken !== undefined) remember(token.refreshToken, `${name}#refresh`);
    this.#token = token;
    this.#value = `Bearer ${token.accessToken}`;
  }
}

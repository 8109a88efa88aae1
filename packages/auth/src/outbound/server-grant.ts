import { isDeepStrictEqual } from 'node:util';
import { isHostlerError } from '@hostler/kernel';
import type { Consumer } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';
import type { OAuthTokens } from '@modelcontextprotocol/client';
import { beginConsent } from './begin-consent.ts';
import { challengeFacts } from './challenge-facts.ts';
import type { ChallengeFacts } from './challenge-facts.ts';
import { accessAuthority } from './grant-context.ts';
import type { AuthorityAccess, GrantServer } from './grant-context.ts';
import { HeldToken } from './held-token.ts';
import type { HeldTokenOptions } from './held-token.ts';
import { refreshToken } from './refresh-token.ts';
import { requestOwnToken } from './request-own-token.ts';
import type { StoredToken } from './stored-token.ts';
import { unionOf } from './wanted-scope.ts';

/** A token that is refused younger than this is not got anew: the next one would be refused as well. */
const YOUNG = 5_000;
/** Characters that a server may bring the scopes to. */
const MAX_SCOPE = 8 * 1024;

export interface Refusal {
  readonly used: string;
  readonly status: number;
  readonly challenge: string | undefined;
}

/** A token that came, and what it was asked for with. */
interface Obtained {
  readonly tokens: OAuthTokens;
  readonly clientId: string;
  readonly requestedScope: string | undefined;
}

/** The token of one user, or of the host, for one server: got, renewed, given up. One request at a time. */
export class ServerGrant {
  readonly #options: HeldTokenOptions;
  readonly #held: HeldToken;
  #challenge: ChallengeFacts | undefined;
  /** What an extension of the scopes has been tried with. */
  #extended: string | undefined;
  #consent: { readonly id: string; readonly error: Error } | undefined;
  #work: Promise<string> | undefined;

  constructor(options: HeldTokenOptions) {
    this.#options = options;
    this.#held = new HeldToken(options);
  }

  /** Another configuration of the server starts anew: its tokens may be of another issuer. */
  isFor({ oauth }: GrantServer): boolean {
    const own = this.#options.server.oauth;
    return own === oauth || isDeepStrictEqual(own, oauth);
  }

  authorization(consumer: Consumer, signal: AbortSignal): string | Promise<string> {
    return this.#held.isFresh() ? this.#held.value : this.#shared(consumer, signal);
  }

  /** @returns whether asking again is worth a try */
  async refused({ used, status, challenge }: Refusal, consumer: Consumer, signal: AbortSignal): Promise<boolean> {
    const held = this.#held;
    // Somebody else has got another one meanwhile.
    if (used !== held.value && held.isFresh()) return true;
    const facts = challengeFacts(challenge);
    if (status === 403) return this.#extend(facts, consumer, signal);
    const token = held.current;
    this.#challenge = { ...this.#challenge, ...facts };
    if (token !== undefined && held.isYoungerThan(YOUNG) && used !== '' && !(await this.#hasMoved(token, signal))) {
      return false;
    }
    held.expire(true);
    await this.#shared(consumer, signal);
    return held.value !== used;
  }

  async forget(): Promise<void> {
    this.#withdraw();
    await this.#held.forget();
  }

  /** A server that wants another one each time must not take the room that its users have for all servers. */
  #withdraw(): void {
    if (this.#consent !== undefined) this.#options.context.consents.withdraw(this.#consent.id);
    this.#consent = undefined;
  }

  /** Whether the server names another issuer by now. */
  async #hasMoved({ issuer }: StoredToken, signal: AbortSignal): Promise<boolean> {
    const { context, server } = this.#options;
    const access = accessAuthority(context, server, this.#challenge?.metadataUrl);
    return (await untilAborted(signal, access)).authority.issuer !== issuer;
  }

  async #shared(consumer: Consumer, signal: AbortSignal): Promise<string> {
    this.#work ??= this.#obtainOrKeep(consumer).finally(() => {
      this.#work = undefined;
    });
    return untilAborted(signal, this.#work);
  }

  /** What is to be renewed is good for a moment yet: its issuer may be back by then. */
  async #obtainOrKeep(consumer: Consumer): Promise<string> {
    try {
      return await this.#obtain(consumer);
    } catch (error) {
      if (isHostlerError(error) && error.code === 'OAUTH_UNAVAILABLE' && this.#held.isGood()) return this.#held.value;
      throw error;
    }
  }

  async #obtain(consumer: Consumer): Promise<string> {
    const held = this.#held;
    await held.load();
    if (held.isFresh()) return held.value;
    const { generation } = held;
    const { context, server } = this.#options;
    const { grant } = server.oauth;
    const token = held.current;
    // Source: MCP 2026-07-28, basic/authorization: what is to be asked for, and where, is in the server's refusal.
    if (token === undefined && grant === 'authorization-code' && this.#challenge === undefined) return '';
    // Before anybody else is asked: whoever calls again and again while a person is to agree sends no requests elsewhere.
    if (this.#consent !== undefined && context.consents.isOpen(this.#consent.id)) throw this.#consent.error;
    const metadataUrl = this.#challenge?.metadataUrl ?? token?.metadataUrl;
    const access = await accessAuthority(context, server, metadataUrl);
    if (grant !== 'authorization-code') {
      const scope = this.#scope(access);
      const own = await requestOwnToken(context, server, access, { scope, consumer });
      return this.#take({ ...own, requestedScope: scope }, access, generation);
    }
    const renewed = token && (await this.#refresh(token, access));
    if (renewed === undefined) return this.#askConsent(consumer, access);
    return this.#take(renewed, access, generation);
  }

  /** Undefined where it takes a person. */
  async #refresh(token: StoredToken, access: AuthorityAccess): Promise<Obtained | undefined> {
    // What another issuer gave is good for nothing here.
    if (token.issuer !== access.authority.issuer || token.refreshToken === undefined) return undefined;
    const { context, server } = this.#options;
    try {
      const tokens = await refreshToken({ context, server, access, token, refresh: token.refreshToken });
      return { tokens, clientId: token.clientId, requestedScope: token.requestedScope };
    } catch (error) {
      if (!isHostlerError(error) || error.code !== 'OAUTH_REFUSED') throw error;
      return undefined;
    }
  }

  async #askConsent(consumer: Consumer, access: AuthorityAccess): Promise<never> {
    const { context, server } = this.#options;
    const scope = this.#scope(access);
    const { generation } = this.#held;
    this.#consent = await beginConsent({
      context,
      server,
      access,
      consumer,
      scope,
      take: async (tokens, clientId) => {
        await this.#take({ tokens, clientId, requestedScope: scope }, access, generation);
      },
    });
    throw this.#consent.error;
  }

  /** Source: MCP 2026-07-28, basic/authorization (scope challenges): the union, and no more than one try for it. */
  async #extend(facts: ChallengeFacts, consumer: Consumer, signal: AbortSignal): Promise<boolean> {
    if (facts.error !== 'insufficient_scope' || facts.scope === undefined) return false;
    const { grant, scopes } = this.#options.server.oauth;
    // Nobody is asked then: what the operator wrote is what there is.
    if (grant !== 'authorization-code' && scopes !== undefined) return false;
    const token = this.#held.current;
    const wanted = unionOf(token?.scope, token?.requestedScope, facts.scope);
    if (wanted === undefined || wanted === this.#extended || wanted === unionOf(token?.requestedScope)) return false;
    if (wanted.length > MAX_SCOPE) return false;
    this.#extended = wanted;
    this.#challenge = { ...this.#challenge, ...facts, scope: wanted };
    // A refresh cannot widen a scope (RFC 6749, section 6).
    this.#held.expire(false);
    this.#withdraw();
    await this.#shared(consumer, signal);
    return true;
  }

  #scope({ authority }: AuthorityAccess): string | undefined {
    const { scopes } = this.#options.server.oauth;
    const asked = this.#challenge?.scope;
    const first = scopes ? unionOf(scopes.join(' '), this.#extended) : (asked ?? authority.scopes?.join(' '));
    const offersRefresh = authority.metadata?.scopes_supported?.includes('offline_access') === true;
    const isUsers = this.#options.server.oauth.grant === 'authorization-code';
    return offersRefresh && isUsers && first ? unionOf(first, 'offline_access') : first || undefined;
  }

  async #take(obtained: Obtained, { authority }: AuthorityAccess, generation: number): Promise<string> {
    const metadataUrl = this.#challenge?.metadataUrl ?? this.#held.current?.metadataUrl;
    await this.#held.take({ ...obtained, issuer: authority.issuer, metadataUrl }, generation);
    this.#consent = undefined;
    return this.#held.value;
  }
}

import { principalOf } from '@hostler/kernel';
import type { Consumer } from '@hostler/kernel';
import { TokenIdentity } from '../token-identity.ts';
import { Consents } from './consents.ts';
import type { Consent, ConsentAnswer } from './consents.ts';
import type { GrantContext, GrantServer } from './grant-context.ts';
import { keptTokens, readKept, recordOf } from './kept-tokens.ts';
import type { GrantRecord, UserToken } from './kept-tokens.ts';
import { clientMetadata } from './introduced-client.ts';
import { oauthErrors } from './oauth-errors.ts';
import { ServerGrant } from './server-grant.ts';
import type { Refusal } from './server-grant.ts';
import { createMemoryTokenStore } from './token-store.ts';
import type { TokenStore } from './token-store.ts';

export interface OutboundTokensOptions extends Omit<
  GrantContext,
  'store' | 'consents' | 'closed' | 'wallClock' | 'subjectTokenOf'
> {
  /** Default: nothing outlives the process. */
  readonly store?: TokenStore;
  /** Milliseconds since 1970; default `Date.now`. */
  readonly wallClock?: () => number;
}

/** What pages for people need. */
export interface ConsentDesk {
  /** @throws OAUTH_CONSENT_UNKNOWN */
  find(id: string): Consent;
  /** @throws OAUTH_CONSENT_UNKNOWN, OAUTH_CONSENT_FOREIGN */
  confirm(id: string, browser: string): URL;
  idOf(state: string): string | undefined;
  /** @throws OAUTH_* */
  answer(id: string, browser: string | undefined, answer: ConsentAnswer): Promise<void>;
  /** Of the pages; absent: browsers do not reach the host. */
  readonly origin: string | undefined;
  /** Whether browsers reach the host by https. */
  readonly isSecure: boolean;
  /** What the host says of itself, where browsers reach it by https; RFC 7591 names. */
  clientMetadata(): object | undefined;
}

/** What a token is for. */
export type TokenPlace = Pick<GrantServer, 'name' | 'url'>;

/** Tokens that are shown to servers: see `ServerTokens` of upstream, whose shape this has. */
export interface OutboundTokens {
  authorization(server: GrantServer, consumer: Consumer, signal: AbortSignal): string | Promise<string>;
  refused(server: GrantServer, consumer: Consumer, refusal: Refusal, signal: AbortSignal): Promise<boolean>;
  consented(elicitationId: string, signal: AbortSignal): Promise<void>;
  readonly desk: ConsentDesk;
  /** What users have agreed to. @param of only what this one has */
  list(of?: Consumer): Promise<readonly GrantRecord[]>;
  /** @param of gives up its own only. @returns whether there was one */
  revoke(id: string, of?: Consumer): Promise<boolean>;
  /** Gives up everything that was for servers that are there no longer. */
  revokeAll(isGone: (server: TokenPlace) => boolean): Promise<void>;
  close(): void;
}

/** Beyond it, those go that were made first: they are read from the store again. */
const MAX_GRANTS = 10_000;

/** What the host acts as where no client is behind it. */
const HOST = 'hostler';

export function createServerTokens(options: OutboundTokensOptions): OutboundTokens {
  return new GrantTable(options);
}

class GrantTable implements OutboundTokens {
  readonly desk: ConsentDesk;
  readonly #context: GrantContext;
  readonly #closed = new AbortController();
  readonly #grants = new Map<string, { readonly server: GrantServer; readonly grant: ServerGrant }>();
  readonly #principals = new WeakMap<Consumer, string>();

  constructor(options: OutboundTokensOptions) {
    const { store = createMemoryTokenStore(), wallClock = Date.now } = options;
    const consents = new Consents(options.clock);
    const subjectTokenOf = ({ identity }: Consumer): string | undefined => identity && TokenIdentity.textOf(identity);
    this.#context = { ...options, subjectTokenOf, store, wallClock, consents, closed: this.#closed.signal };
    this.desk = {
      find: (id) => consents.find(id),
      confirm: (id, browser) => consents.confirm(id, browser),
      idOf: (state) => consents.idOf(state),
      answer: (id, browser, answer) => consents.answer(id, browser, answer),
      get origin() {
        const base = options.base();
        return base === undefined ? undefined : new URL(base).origin;
      },
      get isSecure() {
        return options.base()?.startsWith('https:') === true;
      },
      clientMetadata: () => {
        const base = options.base();
        return base?.startsWith('https:') === true ? clientMetadata(base) : undefined;
      },
    };
  }

  authorization(server: GrantServer, consumer: Consumer, signal: AbortSignal): string | Promise<string> {
    return this.#grantOf(server, consumer).authorization(consumer, signal);
  }

  async refused(server: GrantServer, consumer: Consumer, refusal: Refusal, signal: AbortSignal): Promise<boolean> {
    return this.#grantOf(server, consumer).refused(refusal, consumer, signal);
  }

  consented(elicitationId: string, signal: AbortSignal): Promise<void> {
    return this.#context.consents.given(elicitationId, signal);
  }

  async list(of?: Consumer): Promise<readonly GrantRecord[]> {
    const principal = of && this.#principalOf(of);
    const records: GrantRecord[] = [];
    for await (const { id, token } of keptTokens(this.#context.store)) {
      if (principal === undefined || token.principal === principal) records.push(recordOf(id, token));
    }
    return records;
  }

  async revoke(id: string, of?: Consumer): Promise<boolean> {
    const token = await readKept(this.#context.store, id);
    if (token === undefined || (of !== undefined && token.principal !== this.#principalOf(of))) return false;
    await this.#forget(id, token);
    return true;
  }

  async revokeAll(isGone: (server: TokenPlace) => boolean): Promise<void> {
    for (const [key, { server, grant }] of this.#grants) {
      if (!isGone(server)) continue;
      this.#grants.delete(key);
      // oxlint-disable-next-line no-await-in-loop -- there may be many files
      await grant.forget();
    }
    for await (const { id, token } of keptTokens(this.#context.store)) {
      if (isGone({ name: token.server, url: token.url })) await this.#context.store.remove(id);
    }
  }

  async #forget(id: string, { server, url, principal }: UserToken): Promise<void> {
    await this.#grants.get(keyOf(server, url, principal))?.grant.forget();
    await this.#context.store.remove(id);
  }

  close(): void {
    this.#closed.abort(new DOMException('the host stops', 'AbortError'));
    this.#context.consents.close();
  }

  #grantOf(server: GrantServer, consumer: Consumer): ServerGrant {
    const isHosts = server.oauth.grant === 'client-credentials';
    if (!isHosts && consumer.name === HOST && consumer.identity === undefined) {
      throw oauthErrors.USER_MISSING({ details: { server: server.name } });
    }
    const principal = isHosts ? undefined : this.#principalOf(consumer);
    const key = keyOf(server.name, server.url, principal) + exchangedScopes(server, consumer);
    const known = this.#grants.get(key);
    if (known?.grant.isFor(server) === true) return known.grant;
    const [oldest] = this.#grants.keys();
    if (this.#grants.size >= MAX_GRANTS && oldest !== undefined) this.#grants.delete(oldest);
    const grant = new ServerGrant({ context: this.#context, server, principal });
    this.#grants.set(key, { server, grant });
    return grant;
  }

  #principalOf(consumer: Consumer): string {
    const known = this.#principals.get(consumer);
    if (known !== undefined) return known;
    const principal = principalOf(consumer);
    this.#principals.set(consumer, principal);
    return principal;
  }
}

/** A token of a user that allows less is not exchanged for what one that allows more was exchanged for. */
function exchangedScopes({ oauth }: GrantServer, { identity }: Consumer): string {
  return oauth.grant === 'token-exchange' ? `\n${(identity?.scopes ?? []).toSorted().join(' ')}` : '';
}

function keyOf(server: string, url: string, principal: string | undefined): string {
  return `${server}\n${url}\n${principal ?? ''}`;
}

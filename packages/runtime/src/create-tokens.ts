import { createServerTokens } from '@hostler/auth';
import type { OutboundTokens, TokenPlace } from '@hostler/auth';
import type { HostPlan } from '@hostler/config';
import type { Clock, Logger } from '@hostler/kernel';
import type { Redactor } from '@hostler/secrets';
import type { Resolvers } from './create-resolvers.ts';
import { createFileTokenStore } from './file-token-store.ts';
import { outboundFetch } from './outbound-fetch.ts';
import { rememberToken } from './remember-token.ts';
import { vaultKeys } from './vault-provider.ts';

export interface TokensOptions {
  readonly plan: HostPlan;
  readonly stateDirectory: string | undefined;
  readonly resolvers: Pick<Resolvers, 'all' | 'early'>;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Tokens for servers, and where people agree to them. */
export interface Tokens extends Pick<OutboundTokens, 'desk' | 'list' | 'revoke'> {
  /** Where the host listens, for browsers on this machine; `auth.resource` comes before it. */
  listensAt(url: string): void;
}

export interface TokensOfHost extends Tokens, OutboundTokens {
  /** Gives up what was agreed to for servers that went while nothing ran. @param mounted servers that no plan has */
  start(mounted: readonly string[]): void;
  /** Follows another plan, and gives up what was agreed to for servers that were in the one before and are not in it. */
  change(plan: HostPlan): void;
}

export function createTokens(options: TokensOptions): TokensOfHost {
  const { stateDirectory, resolvers, redactor, clock, log } = options;
  let { plan } = options;
  const { local } = plan.secrets;
  const { signal } = new AbortController();
  const keys = local && (() => vaultKeys(local, (reference) => resolvers.early.resolve(reference, signal)));
  const store =
    stateDirectory === undefined ? undefined : keys && createFileTokenStore({ directory: stateDirectory, keys, log });
  if (store === undefined && plan.servers.some(isUsers)) {
    log.warn(
      {},
      'without secrets.local, and a place for its state, the host forgets the tokens of users when it stops',
    );
  }
  let listening: string | undefined;
  const outbound = createServerTokens({
    fetchFor: ({ url, oauth }) =>
      outboundFetch({ urls: [url, oauth.issuer, ...neighboursOf(url)], allow: plan.outbound.allow }),
    clock,
    log,
    secrets: resolvers.all,
    ...(store && { store }),
    base: () => (plan.auth.resource === undefined ? listening : baseOf(plan.auth.resource)),
    remember: (value, name) => rememberToken(redactor, value, name),
  });
  const forget = (isGone: (place: TokenPlace) => boolean): void => {
    outbound.revokeAll(isGone).catch((error: unknown) => {
      log.error({ error }, 'the tokens for servers that are gone could not be removed');
    });
  };
  return {
    authorization: (server, consumer, by) => outbound.authorization(server, consumer, by),
    refused: (server, consumer, refusal, by) => outbound.refused(server, consumer, refusal, by),
    consented: (id, by) => outbound.consented(id, by),
    desk: outbound.desk,
    list: (of) => outbound.list(of),
    revoke: (id, of) => outbound.revoke(id, of),
    revokeAll: (server) => outbound.revokeAll(server),
    close: () => outbound.close(),
    start(mounted) {
      forget((place) => isStrange(plan, place) && !mounted.includes(place.name));
    },
    change(next) {
      const before = plan;
      plan = next;
      forget((place) => !isStrange(before, place) && isStrange(next, place));
    },
    listensAt(url) {
      listening = url;
    },
  };
}

const THIS_MACHINE = ['http://localhost', 'http://127.0.0.1', 'http://[::1]'];

/** What runs on this machine may have its issuer there, by another of the names that this machine has. */
function neighboursOf(url: string): readonly string[] {
  return THIS_MACHINE.some((one) => URL.canParse(url) && new URL(url).hostname === new URL(one).hostname)
    ? THIS_MACHINE
    : [];
}

/** Whether a plan knows nothing of it. A server that is switched off stays; one with another URL is another server. */
function isStrange({ servers, written }: HostPlan, { name, url }: TokenPlace): boolean {
  if (!Object.hasOwn(written, name)) return true;
  const transport = servers.find((spec) => spec.name === name)?.transport;
  return transport?.kind === 'http' && transport.url !== url;
}

function isUsers({ transport }: HostPlan['servers'][number]): boolean {
  return transport.kind === 'http' && transport.oauth?.grant === 'authorization-code';
}

/** A proxy may have put the host below a path. */
function baseOf(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return origin + pathname.replace(/\/(?:mcp)?\/?$/, '');
}

import { createServerTokens } from '@hostler/auth';
import type { GoneServer, OutboundTokens } from '@hostler/auth';
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
  /** Follows another plan, and gives up what was agreed to for servers that are not in it. */
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
  return {
    authorization: (server, consumer, by) => outbound.authorization(server, consumer, by),
    refused: (server, consumer, refusal, by) => outbound.refused(server, consumer, refusal, by),
    consented: (id, by) => outbound.consented(id, by),
    desk: outbound.desk,
    list: (of) => outbound.list(of),
    revoke: (id, of) => outbound.revoke(id, of),
    revokeAll: (server) => outbound.revokeAll(server),
    close: () => outbound.close(),
    change(next) {
      const before = plan;
      plan = next;
      for (const server of goneFrom(before, next)) {
        outbound.revokeAll(server).catch((error: unknown) => {
          log.error({ error, server: server.name }, 'the tokens for a server that is gone could not be removed');
        });
      }
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

/** A server that is switched off stays. One with another URL is another server. */
function goneFrom(before: HostPlan, next: HostPlan): readonly GoneServer[] {
  const removed = Object.keys(before.written).filter((name) => !Object.hasOwn(next.written, name));
  const now = new Map(next.servers.map((spec) => [spec.name, urlOf(spec)]));
  const moved = before.servers.flatMap((spec): GoneServer[] => {
    const [url, current] = [urlOf(spec), now.get(spec.name)];
    return url === undefined || current === undefined || current === url ? [] : [{ name: spec.name, url }];
  });
  return [...removed.map((name) => ({ name })), ...moved];
}

function urlOf({ transport }: HostPlan['servers'][number]): string | undefined {
  return transport.kind === 'http' && transport.oauth !== undefined ? transport.url : undefined;
}

function isUsers({ transport }: HostPlan['servers'][number]): boolean {
  return transport.kind === 'http' && transport.oauth?.grant === 'authorization-code';
}

/** A proxy may have put the host below a path. */
function baseOf(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return origin + pathname.replace(/\/(?:mcp)?\/?$/, '');
}

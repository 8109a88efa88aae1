import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import type { Configuration, ResourceServer } from 'oidc-provider';
import { addTokenExchange, TOKEN_EXCHANGE } from './token-exchange.ts';

/**
 * A real OpenID provider, oidc-provider, on this machine: whoever comes by is `ada`, until the test says otherwise, and
 * agrees to everything.
 */
export interface OpenIdProvider {
  readonly issuer: string;
  /** The public key it signs with at the moment. */
  readonly publicKey: () => KeyObject;
  readonly keyId: () => string;
  /** Signs with another key from now on. @param keepsOld whether it still publishes the one before */
  rotate(keepsOld: boolean): void;
  /** Every request is cut off from now on, or answered again. */
  setOutage(isDown: boolean): void;
  /** How often its keys were read. */
  readonly keyReads: () => number;
  /** Who comes by from now on. */
  signInAs(account: string): void;
  /** The grants that tokens were given for, in order. */
  readonly grants: () => readonly string[];
  /** Every token that it gave, of both kinds. */
  readonly tokens: () => readonly string[];
  close(): Promise<void>;
}

export const ACCOUNT = 'ada';
export const SCOPE = 'mcp:use';
/** A client that is registered beforehand and acts for itself, or with the token of somebody. */
export const MACHINE = { id: 'machine', secret: 'the-secret-of-the-machine' };

/** What changes while it runs. */
interface ProviderState {
  account: string;
  readonly grants: string[];
  readonly tokens: string[];
}

interface Key {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  let keys: readonly Key[] = [newKey()];
  let isDown = false;
  let keyReads = 0;
  let answer: RequestListener = () => undefined;
  const state: ProviderState = { account: ACCOUNT, grants: [], tokens: [] };
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    if (isDown) return request.destroy();
    if (request.url?.startsWith('/jwks')) keyReads += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const change = (next: readonly Key[]): void => {
    keys = next;
    answer = answerOf(issuer, keys, state);
  };
  change(keys);
  const current = (): Key => keys[0] as Key;
  return {
    issuer,
    publicKey: () => current().publicKey,
    keyId: () => current().id,
    rotate: (keepsOld) => change(keepsOld ? [newKey(), ...keys] : [newKey()]),
    setOutage(down) {
      isDown = down;
      if (down) server.closeAllConnections();
    },
    keyReads: () => keyReads,
    signInAs(account) {
      state.account = account;
    },
    grants: () => state.grants,
    tokens: () => state.tokens,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function newKey(): Key {
  return { id: randomBytes(8).toString('hex'), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

function answerOf(issuer: string, keys: readonly Key[], state: ProviderState): RequestListener {
  const provider = new Provider(issuer, configuration(keys));
  const known = keys.map(({ publicKey }) => publicKey);
  addTokenExchange(provider, known, describeResource);
  provider.on('grant.success', ({ oidc, body }) => {
    state.grants.push(String(oidc.params?.['grant_type']));
    const { access_token, refresh_token } = body as Readonly<Record<string, string | undefined>>;
    state.tokens.push(...[access_token, refresh_token].filter((token) => token !== undefined));
  });
  const respond = provider.callback();
  return (request, response) => {
    if (request.url?.startsWith('/interaction/')) void agree(provider, state.account, { request, response });
    else void respond(request, response);
  };
}

function configuration(keys: readonly Key[]): Configuration {
  return {
    jwks: {
      keys: keys.map(({ id, privateKey }) => ({ ...privateKey.export({ format: 'jwk' }), kid: id, use: 'sig' })),
    } as NonNullable<Configuration['jwks']>,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    // Seconds; it warns of every one that is left to it.
    ttl: {
      AccessToken: 600,
      ClientCredentials: 600,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 600,
      Session: 600,
    },
    scopes: ['openid', 'offline_access', SCOPE],
    clients: [
      {
        client_id: MACHINE.id,
        client_secret: MACHINE.secret,
        grant_types: ['client_credentials', TOKEN_EXCHANGE],
        redirect_uris: [],
        response_types: [],
        scope: SCOPE,
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => describeResource(resource),
      },
    },
  };
}

function describeResource(resource: string): ResourceServer {
  return {
    scope: SCOPE,
    audience: resource,
    accessTokenTTL: 600,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  };
}

/** What a person does at the pages of the provider: logs in, and consents to what is asked for. */
async function agree(
  provider: Provider,
  account: string,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    await provider.interactionFinished(request, response, { login: { accountId: account } });
    return;
  }
  const grant = new provider.Grant({
    accountId: session?.accountId ?? account,
    clientId: params['client_id'] as string,
  });
  const { missingOIDCScope, missingResourceScopes } = prompt.details as {
    missingOIDCScope?: string[];
    missingResourceScopes?: Record<string, string[]>;
  };
  grant.addOIDCScope((missingOIDCScope ?? []).join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

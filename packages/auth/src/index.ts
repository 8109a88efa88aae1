// Every export here is public. Named exports only.

export { createConsumerTable } from './consumer-table.ts';
export type { ConsumerTable, ConsumerTableOptions } from './consumer-table.ts';
export type { ConsumerSpec, HashedKeySpec, KeySpec, SecretKeySpec, TokenMatchSpec } from './consumer-spec.ts';
export type { IntrospectionSpec, IssuerSpec, JwtIssuerSpec, LoadBalancerSpec } from './issuer-spec.ts';
export type { HashedHeader, RequestFacts } from './request-facts.ts';
export type { CertificateFacts } from './certificate-identity.ts';

// Keys.
export { checkKey, createKey, hashKey } from './key-text.ts';
export type { CreatedKey, KeyProblem } from './key-text.ts';

// What a refusal says.
export { authErrors } from './auth-errors.ts';
export { challenge, challengeError } from './challenge.ts';
export type { ChallengeParts } from './challenge.ts';
export { protectedResourceMetadata, protectedResourceMetadataUrl, scopesToAskFor } from './protected-resource.ts';
export type { ProtectedResource, ProtectedResourceMetadata } from './protected-resource.ts';

// Tokens for servers.
export { createServerTokens } from './outbound/create-server-tokens.ts';
export type {
  ConsentDesk,
  TokenPlace,
  OutboundTokens,
  OutboundTokensOptions,
} from './outbound/create-server-tokens.ts';
export type { GrantRecord } from './outbound/kept-tokens.ts';
export { oauthErrors } from './outbound/oauth-errors.ts';
export { CONSENT_PATH } from './outbound/begin-consent.ts';
export { CALLBACK_PATH, CLIENT_METADATA_PATH } from './outbound/introduced-client.ts';
export type { TokenStore } from './outbound/token-store.ts';

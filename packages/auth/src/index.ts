// Every export here is public. Named exports only.

export { createConsumerTable } from './consumer-table.ts';
export type { ConsumerTable, ConsumerTableOptions, RequestFacts } from './consumer-table.ts';

// Keys.
export { checkKey, createKey, hashKey } from './key-text.ts';
export type { CreatedKey, KeyProblem } from './key-text.ts';

// What a refusal says.
export { authErrors } from './auth-errors.ts';
export { challenge, challengeError } from './challenge.ts';
export type { ChallengeParts } from './challenge.ts';
export { protectedResourceMetadata, protectedResourceMetadataUrl } from './protected-resource.ts';
export type { ProtectedResource, ProtectedResourceMetadata } from './protected-resource.ts';

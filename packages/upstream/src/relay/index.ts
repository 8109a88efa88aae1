// Servers that one process has and others use. A name added here is a promise.
export { fromWords, toWords } from './error-words.ts';
export type { ErrorWords } from './error-words.ts';
export { createLink } from './link.ts';
export type { Link, LinkOptions, LinkReceiver } from './link.ts';
export { RelayOwner } from './relay-owner.ts';
export type { RelayOwnerOptions } from './relay-owner.ts';
export { RelayUser } from './relay-user.ts';
export type { RelayUserOptions } from './relay-user.ts';

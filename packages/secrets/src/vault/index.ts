// What reads and writes the encrypted file: a host without one needs none of it.
export { createLocalProvider } from '../providers/local.ts';
export { createVault } from './create-vault.ts';
export type { Vault, VaultOptions, VaultRecord } from './create-vault.ts';
export { createSealer } from './sealer.ts';
export type { Sealer } from './sealer.ts';

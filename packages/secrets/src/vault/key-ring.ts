import { randomBytes } from 'node:crypto';
import { secretErrors } from '../secret-errors.ts';
import { seal, unseal } from './sealed-text.ts';
import { placeOfCanary } from './vault-contents.ts';
import type { VaultContents, VaultKeyEntry } from './vault-contents.ts';
import { deriveKey, parseVaultKey, SALT_BYTES } from './vault-key.ts';
import type { VaultKey } from './vault-key.ts';

const CANARY = 'the key is right';
const MAX_GIVEN_KEYS = 4;

/** A key of the file together with its bytes, proven by its canary. */
export interface ProvenKey {
  readonly entry: VaultKeyEntry;
  readonly bytes: Uint8Array;
}

/** The keys that were given, matched with those of a file. */
export class KeyRing {
  readonly #given: readonly VaultKey[];
  /** For each passphrase and salt once: deriving takes half a second by design. */
  readonly #derived = new Map<string, Promise<Uint8Array | undefined>>();

  /** @throws SECRET_VAULT_KEY_INVALID */
  constructor(texts: readonly string[]) {
    if (texts.length === 0 || texts.length > MAX_GIVEN_KEYS) {
      throw secretErrors.VAULT_KEY_INVALID({ details: { problem: `give 1 to ${MAX_GIVEN_KEYS} keys.` } });
    }
    this.#given = texts.map(parseVaultKey);
  }

  /**
   * Those of the file that open.
   * @throws SECRET_VAULT_KEY_WRONG when the file has keys and none opens
   */
  async prove({ keys }: VaultContents): Promise<ReadonlyMap<string, ProvenKey>> {
    const proven = new Map<string, ProvenKey>();
    for (const entry of keys) {
      const key = await this.#open(entry);
      if (key !== undefined) proven.set(entry.id, key);
    }
    if (keys.length > 0 && proven.size === 0) throw wrongKey('none of them is the one that it was written with.');
    return proven;
  }

  /** The first of the given keys, as it is in the file or, with a new id, to be added to it. */
  async first(proven: ReadonlyMap<string, ProvenKey>): Promise<ProvenKey> {
    for (const key of proven.values()) {
      const bytes = await this.#bytesOf(0, key.entry.salt);
      if (bytes !== undefined && Buffer.compare(bytes, key.bytes) === 0) return key;
    }
    const salt = this.#given[0]?.kind === 'passphrase' ? randomBytes(SALT_BYTES).toString('base64') : undefined;
    const bytes = await this.#bytesOf(0, salt);
    if (bytes === undefined) throw wrongKey('the first one has no bytes.');
    const id = randomBytes(8).toString('hex');
    const canary = seal(bytes, placeOfCanary(id), CANARY);
    return { entry: { id, ...(salt === undefined ? {} : { salt }), canary }, bytes };
  }

  async #open(entry: VaultKeyEntry): Promise<ProvenKey | undefined> {
    for (const index of this.#given.keys()) {
      const bytes = await this.#bytesOf(index, entry.salt);
      if (bytes === undefined) continue;
      if (unseal(bytes, placeOfCanary(entry.id), entry.canary) === CANARY) return { entry, bytes };
    }
    return undefined;
  }

  async #bytesOf(index: number, salt: string | undefined): Promise<Uint8Array | undefined> {
    const key = this.#given[index];
    if (key === undefined) return undefined;
    const name = `${index} ${salt ?? ''}`;
    const known = this.#derived.get(name);
    if (known !== undefined) return known;
    const derived = deriveKey(key, salt === undefined ? undefined : Buffer.from(salt, 'base64'));
    this.#derived.set(name, derived);
    return derived;
  }
}

export function wrongKey(problem: string): Error {
  return secretErrors.VAULT_KEY_WRONG({ details: { problem } });
}

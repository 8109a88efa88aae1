import { KeyRing } from './key-ring.ts';
import { seal, unseal } from './sealed-text.ts';
import { EMPTY_VAULT, formatVault, parseVault } from './vault-contents.ts';

/** Encrypts texts that are kept elsewhere, with the keys of a vault. */
export interface Sealer {
  /** To be kept beside the texts: by it a key proves itself before anything is written. Holds no key. */
  readonly proof: string;
  /** @param place opens nowhere else */
  seal(place: readonly string[], text: string): string;
  /** Undefined when the key or the place is another one, or a single bit was changed. */
  unseal(place: readonly string[], sealed: string): string | undefined;
}

const MAX_KEYS = 8;

/**
 * @param keys as those of a vault: the first encrypts, all decrypt
 * @param proof that of the sealer before; absent: there was none
 * @throws SECRET_VAULT_KEY_INVALID, SECRET_VAULT_KEY_WRONG, SECRET_VAULT_DAMAGED
 */
export async function createSealer(keys: readonly string[], proof?: string): Promise<Sealer> {
  const ring = new KeyRing(keys);
  const contents = proof === undefined ? EMPTY_VAULT : parseVault(proof);
  const proven = new Map(await ring.prove(contents));
  const first = await ring.first(proven);
  proven.set(first.entry.id, first);
  const others = contents.keys.filter(({ id }) => id !== first.entry.id).slice(0, MAX_KEYS - 1);
  return {
    proof: formatVault({ keys: [first.entry, ...others], records: new Map() }),
    seal: (place, text) => `${first.entry.id}.${seal(first.bytes, [...place, first.entry.id], text)}`,
    unseal(place, sealed) {
      const [id = '', text = ''] = sealed.split('.', 2);
      const key = proven.get(id);
      return key && unseal(key.bytes, [...place, id], text);
    },
  };
}

import { secretErrors } from '../secret-errors.ts';
import { wrongKey } from './key-ring.ts';
import type { KeyRing, ProvenKey } from './key-ring.ts';
import { unseal } from './sealed-text.ts';
import { damaged, placeOfRecord } from './vault-contents.ts';
import type { VaultContents, VaultRecordEntry } from './vault-contents.ts';
import { readVault } from './vault-file.ts';
import type { VaultSnapshot } from './vault-file.ts';

export interface OpenedVault {
  readonly contents: VaultContents;
  /** By their ids. */
  readonly keys: ReadonlyMap<string, ProvenKey>;
}

/** Reads the file as it is now: again only when it was changed. */
export class VaultReader {
  readonly #file: string;
  readonly #ring: KeyRing;
  #known: VaultSnapshot | undefined;

  constructor(file: string, ring: KeyRing) {
    this.#file = file;
    this.#ring = ring;
  }

  async open(): Promise<OpenedVault> {
    const snapshot = await readVault(this.#file, this.#known);
    this.#known = snapshot;
    return { contents: snapshot.contents, keys: await this.#ring.prove(snapshot.contents) };
  }

  /** @throws SECRET_NOT_FOUND */
  async read(name: string): Promise<{ readonly value: string; readonly version: string }> {
    const { contents, keys } = await this.open();
    const entry = contents.records.get(name);
    if (entry === undefined) throw secretErrors.NOT_FOUND({ details: { reference: `local://${name}` } });
    return { value: openRecord(entry, keys), version: String(entry.version) };
  }
}

export function openRecord(entry: VaultRecordEntry, keys: ReadonlyMap<string, ProvenKey>): string {
  const key = keys.get(entry.key);
  if (key === undefined) throw wrongKey('a record was written with a key that is not among them.');
  const value = unseal(key.bytes, placeOfRecord(entry), entry.sealed);
  if (value === undefined) throw damaged('a record in it was changed.');
  return value;
}

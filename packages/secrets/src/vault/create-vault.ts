import { Secret } from '../secret.ts';
import { secretErrors, toSecretError } from '../secret-errors.ts';
import type { SecretRef } from '../secret-ref.ts';
import { checkValue } from '../secret-value.ts';
import { KeyRing } from './key-ring.ts';
import type { ProvenKey } from './key-ring.ts';
import { seal } from './sealed-text.ts';
import { placeOfRecord } from './vault-contents.ts';
import type { VaultContents, VaultRecordEntry } from './vault-contents.ts';
import { changeVault } from './vault-file.ts';
import { problemOfVaultName } from './vault-name.ts';
import { openRecord, VaultReader } from './vault-reader.ts';

export interface VaultOptions {
  /** The encrypted file; made with the first secret. Its directory must be there. */
  readonly file: string;
  /** As texts: `base64:` or `hex:` and 32 random bytes, or `pass:` and a passphrase. The first encrypts, all decrypt. */
  readonly keys: readonly string[];
}

/** What can be known of a stored secret without its value. */
export interface VaultRecord {
  readonly name: string;
  /** 1 for the first value, one more for each that replaced it. */
  readonly version: number;
  readonly updatedAt: Date;
}

/**
 * Secrets in one encrypted file. Every operation reads the file as it is now, and every change is whole or not at all.
 * All throw SECRET_VAULT_KEY_WRONG, SECRET_VAULT_DAMAGED, SECRET_ACCESS_DENIED; those that write also
 * SECRET_VAULT_BUSY, SECRET_VAULT_REFUSED.
 */
export interface Vault {
  /** Proves that a key opens the file; without a file there is nothing to prove. */
  open(): Promise<void>;
  /** By name. */
  list(): Promise<readonly VaultRecord[]>;
  /** @throws SECRET_NOT_FOUND */
  get(name: string): Promise<Secret>;
  /** @throws SECRET_REFERENCE_INVALID for a name that no reference can hold, SECRET_VALUE_INVALID */
  set(name: string, value: string): Promise<VaultRecord>;
  /** @throws SECRET_NOT_FOUND */
  remove(name: string): Promise<void>;
  /** Encrypts everything anew with the first key; the others are no longer needed. Returns how many records there are. */
  rekey(): Promise<number>;
}

/** @throws SECRET_VAULT_KEY_INVALID */
export function createVault(options: VaultOptions): Vault {
  return new FileVault(options);
}

class FileVault implements Vault {
  readonly #file: string;
  readonly #ring: KeyRing;
  readonly #reader: VaultReader;
  #changing: Promise<unknown> = Promise.resolve();

  constructor({ file, keys }: VaultOptions) {
    this.#file = file;
    this.#ring = new KeyRing(keys);
    this.#reader = new VaultReader(file, this.#ring);
  }

  async open(): Promise<void> {
    await this.#reader.open();
  }

  async list(): Promise<readonly VaultRecord[]> {
    const { contents, keys } = await this.#reader.open();
    const entries = [...contents.records.values()];
    // What is said of a record is true when it opens.
    for (const entry of entries) if (keys.has(entry.key)) openRecord(entry, keys);
    return entries.map(toRecord);
  }

  async get(name: string): Promise<Secret> {
    const { value, version } = await this.#reader.read(name);
    return new Secret(value, { reference: `local://${name}`, version });
  }

  async set(name: string, value: string): Promise<VaultRecord> {
    checkName(name);
    checkStored(name, value);
    const updated = new Date().toISOString();
    let version = 1;
    await this.#change(({ records }, first) => {
      version = (records.get(name)?.version ?? 0) + 1;
      const head = { name, key: first.entry.id, version, updated };
      return new Map(records).set(name, sealRecord(head, first, value));
    });
    return { name, version, updatedAt: new Date(updated) };
  }

  async remove(name: string): Promise<void> {
    await this.#change((contents) => {
      const records = new Map(contents.records);
      if (!records.delete(name)) throw notFound(name);
      return records;
    });
  }

  async rekey(): Promise<number> {
    const { records } = await this.#change((contents, first, keys) => {
      const entries = [...contents.records.values()];
      return new Map(
        entries.map((entry) => {
          const value = openRecord(entry, keys);
          return [entry.name, sealRecord({ ...entry, key: first.entry.id }, first, value)];
        }),
      );
    });
    return records.size;
  }

  /** One change after the other; the keys are proven before anything is written. */
  async #change(
    edit: (
      contents: VaultContents,
      first: ProvenKey,
      keys: ReadonlyMap<string, ProvenKey>,
    ) => ReadonlyMap<string, VaultRecordEntry>,
  ): Promise<VaultContents> {
    const change = this.#changing.then(async () =>
      changeVault(this.#file, async (contents) => {
        const keys = await this.#ring.prove(contents);
        const first = await this.#ring.first(keys);
        const records = edit(contents, first, keys);
        const used = new Set([...records.values()].map(({ key }) => key));
        const others = contents.keys.filter(({ id }) => id !== first.entry.id && used.has(id));
        return { keys: [first.entry, ...others], records };
      }),
    );
    this.#changing = change.catch(() => undefined);
    return change;
  }
}

function sealRecord(head: Omit<VaultRecordEntry, 'sealed'>, key: ProvenKey, value: string): VaultRecordEntry {
  const { name, version, updated } = head;
  const entry = { name, key: key.entry.id, version, updated };
  return { ...entry, sealed: seal(key.bytes, placeOfRecord(entry), value) };
}

function toRecord({ name, version, updated }: VaultRecordEntry): VaultRecord {
  return { name, version, updatedAt: new Date(updated) };
}

function checkName(name: string): void {
  const problem = problemOfVaultName(name);
  // Not repeated: it may be the value, written in the place of the name.
  if (problem !== undefined) throw secretErrors.REFERENCE_INVALID({ details: { reference: 'local://…', problem } });
}

function checkStored(name: string, value: string): void {
  try {
    checkValue(value);
  } catch (error) {
    throw toSecretError(error, referenceTo(name));
  }
}

function referenceTo(name: string): SecretRef {
  return { text: `local://${name}`, scheme: 'local', path: name };
}

function notFound(name: string): Error {
  return secretErrors.NOT_FOUND({ details: { reference: referenceTo(name).text } });
}

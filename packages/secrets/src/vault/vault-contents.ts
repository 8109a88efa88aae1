import { isJsonObject } from '@hostler/kernel';
import { secretErrors } from '../secret-errors.ts';
import { parseJson } from '../secret-value.ts';

export const VAULT_FORMAT = 'hostler-vault/1';
export const MAX_VAULT_BYTES = 16 * 1024 * 1024;
export const MAX_VAULT_RECORDS = 1_000;
/** A file has one key, and another while it is moved to it. */
const MAX_KEYS = 8;

/** A key that records are encrypted with; the key itself is elsewhere. */
export interface VaultKeyEntry {
  readonly id: string;
  /** Base64, for a passphrase. */
  readonly salt?: string;
  /** Opens with the right key only: it proves the key before anything is written. */
  readonly canary: string;
}

export interface VaultRecordEntry {
  readonly name: string;
  /** Id of the key. */
  readonly key: string;
  /** Counts up with every value. */
  readonly version: number;
  /** ISO 8601. */
  readonly updated: string;
  readonly sealed: string;
}

/** What the file holds. Only names, times and version numbers can be read without a key. */
export interface VaultContents {
  readonly keys: readonly VaultKeyEntry[];
  readonly records: ReadonlyMap<string, VaultRecordEntry>;
}

export const EMPTY_VAULT: VaultContents = Object.freeze({ keys: [], records: new Map() });

/** What is written beside a record is authenticated with it: it cannot be moved, aged or renamed. */
export function placeOfRecord({ name, key, version, updated }: Omit<VaultRecordEntry, 'sealed'>): readonly string[] {
  return [VAULT_FORMAT, 'record', name, key, String(version), updated];
}

export function placeOfCanary(id: string): readonly string[] {
  return [VAULT_FORMAT, 'canary', id];
}

/** @throws SECRET_VAULT_REFUSED when it would be too large */
export function formatVault({ keys, records }: VaultContents): string {
  const sorted = [...records.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const text = `${JSON.stringify({ format: VAULT_FORMAT, keys, records: sorted }, undefined, 1)}\n`;
  if (records.size > MAX_VAULT_RECORDS) throw refused(`it would hold more than ${MAX_VAULT_RECORDS} secrets.`);
  if (Buffer.byteLength(text) > MAX_VAULT_BYTES) throw refused('it would be larger than 16 MiB.');
  return text;
}

/** @throws SECRET_VAULT_DAMAGED */
export function parseVault(text: string): VaultContents {
  const root = parseJson(text);
  if (!isJsonObject(root)) throw damaged('it is no JSON object.');
  if (root.format !== VAULT_FORMAT) throw damaged(`its format is not ${VAULT_FORMAT}.`);
  const keys = toList(root.keys, MAX_KEYS, toKeyEntry);
  const entries = toList(root.records, MAX_VAULT_RECORDS, toRecordEntry);
  const records = new Map(entries.map((entry) => [entry.name, entry]));
  const ids = new Set(keys.map(({ id }) => id));
  if (records.size !== entries.length || ids.size !== keys.length) throw damaged('something is in it twice.');
  if (entries.some(({ key }) => !ids.has(key))) throw damaged('the key of a record is not in it.');
  return { keys, records };
}

export function damaged(problem: string): Error {
  return secretErrors.VAULT_DAMAGED({ details: { problem } });
}

export function refused(problem: string, cause?: unknown): Error {
  return secretErrors.VAULT_REFUSED({ details: { problem }, cause });
}

function toList<T>(value: unknown, limit: number, toEntry: (value: unknown) => T): readonly T[] {
  if (!Array.isArray(value) || value.length > limit) throw damaged('a list in it is missing or too long.');
  return value.map(toEntry);
}

function toKeyEntry(value: unknown): VaultKeyEntry {
  if (!isJsonObject(value)) throw damaged('a key in it is no object.');
  const { id, salt, canary } = value;
  if (typeof id !== 'string' || typeof canary !== 'string' || !(salt === undefined || typeof salt === 'string')) {
    throw damaged('a key in it is incomplete.');
  }
  return { id, canary, ...(salt === undefined ? {} : { salt }) };
}

function toRecordEntry(value: unknown): VaultRecordEntry {
  if (!isJsonObject(value)) throw damaged('a record in it is no object.');
  const { name, key, version, updated, sealed } = value;
  const texts = [name, key, updated, sealed];
  if (texts.some((text) => typeof text !== 'string') || !Number.isSafeInteger(version)) {
    throw damaged('a record in it is incomplete.');
  }
  return { name, key, version, updated, sealed } as VaultRecordEntry;
}

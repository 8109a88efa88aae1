import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EMPTY_VAULT, formatVault, parseVault, placeOfCanary, placeOfRecord } from './vault-contents.ts';
import { changeVault, readVault } from './vault-file.ts';

let directory = '';
let file = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vault-file-'));
  file = join(directory, 'secrets.vault');
});
afterEach(() => rmSync(directory, { recursive: true }));

const key = { id: 'k', canary: 'c' };
const record = { name: 'a', key: 'k', version: 1, updated: '2026-11-21T00:00:00.000Z', sealed: 's' };
const contents = { keys: [key], records: new Map([['a', record]]) };

it('authenticates everything that is written beside a record', () => {
  expect(placeOfRecord(record)).toEqual(['hostler-vault/1', 'record', 'a', 'k', '1', '2026-11-21T00:00:00.000Z']);
  expect(placeOfCanary('k')).toEqual(['hostler-vault/1', 'canary', 'k']);
});

it('is read as it was written, sorted by name', () => {
  const records = new Map(['b', 'a'].map((name) => [name, { ...record, name }]));
  expect([...parseVault(formatVault({ keys: [key], records })).records.keys()]).toEqual(['a', 'b']);
});

it('is not replaced when another one is there than was read', async () => {
  await changeVault(file, async () => contents);
  const other = `${formatVault(contents)} `;
  const changing = changeVault(file, async (before) => {
    writeFileSync(file, other);
    return before;
  });
  await expect(changing).rejects.toMatchObject({ code: 'SECRET_VAULT_BUSY' });
  expect(readFileSync(file, 'utf8')).toBe(other);
  expect(readdirSync(directory)).toEqual(['secrets.vault']);
});

it('is not replaced when the change fails, and can be changed afterwards', async () => {
  const failing = changeVault(file, async () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(readdirSync(directory)).toEqual([]);
  await changeVault(file, async () => contents);
  expect((await readVault(file)).contents).toEqual(contents);
});

it('is read again only when it was changed', async () => {
  expect(await readVault(file)).toEqual({ contents: EMPTY_VAULT });
  await changeVault(file, async () => contents);
  const first = await readVault(file);
  expect(await readVault(file, first)).toBe(first);
  await changeVault(file, async () => ({ keys: [key], records: new Map() }));
  expect((await readVault(file, first)).contents.records.size).toBe(0);
});

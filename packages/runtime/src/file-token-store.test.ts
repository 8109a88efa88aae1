import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFileTokenStore } from './file-token-store.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const keyOf = (seed: string): string => `hex:${createHash('sha256').update(seed).digest('hex')}`;
const NAME = createHash('sha256').update('a').digest('hex');
const OTHER = createHash('sha256').update('b').digest('hex');

let directory = '';
const open = (seed = 'one') => createFileTokenStore({ directory, log, keys: () => Promise.resolve([keyOf(seed)]) });
const path = (name: string): string => join(directory, 'oauth', `${name}.sealed`);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hostler-tokens-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

it('keeps texts for the next run, encrypted, for this user alone', async () => {
  await open().save(NAME, 'the refresh token');
  expect(await open().load(NAME)).toBe('the refresh token');
  expect(await open().names()).toEqual([NAME]);
  for (const file of await readdir(join(directory, 'oauth'))) {
    const whole = join(directory, 'oauth', file);
    expect(await readFile(whole, 'utf8')).not.toContain('refresh');
    expect((await stat(whole)).mode & 0o777).toBe(0o600);
  }
});

it('opens nothing that was moved or changed, or with another key', async () => {
  await open().save(NAME, 'text');
  await writeFile(path(OTHER), await readFile(path(NAME)));
  expect(await open().load(OTHER)).toBeUndefined();
  expect(await open('two').load(NAME)).toBeUndefined();
  await writeFile(path(NAME), 'x.AAAA');
  expect(await open().load(NAME)).toBeUndefined();
});

it('forgets', async () => {
  const store = open();
  await store.save(NAME, 'text');
  await store.remove(NAME);
  expect(await store.load(NAME)).toBeUndefined();
  expect(await store.names()).toEqual([]);
});

it('has what could not be written for as long as it runs', async () => {
  const keys = () => Promise.reject(new Error('the key is away'));
  const store = createFileTokenStore({ directory, log, keys });
  await store.save(NAME, 'text');
  expect([await store.load(NAME), await store.names()]).toEqual(['text', [NAME]]);
  expect(await open().load(NAME)).toBeUndefined();
  await store.remove(NAME);
  expect([await store.load(NAME), await store.names()]).toEqual([undefined, []]);
});

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createVault } from './create-vault.ts';
import { seal } from './sealed-text.ts';
import { placeOfRecord } from './vault-contents.ts';

const keyText = () => `base64:${randomBytes(32).toString('base64')}`;
const KEY = keyText();
const VALUE = 'canary-value-5d1e';
let directory = '';
let file = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vault-'));
  file = join(directory, 'secrets.vault');
});
afterEach(() => rmSync(directory, { recursive: true }));

interface Written {
  keys: { id: string; salt?: string; canary: string }[];
  records: { name: string; key: string; version: number; updated: string; sealed: string }[];
}
const written = () => JSON.parse(readFileSync(file, 'utf8')) as Written;
const rewrite = (change: (written: Written) => unknown) => {
  const contents = written();
  change(contents);
  writeFileSync(file, JSON.stringify(contents));
};
const open = (...keys: readonly string[]) => createVault({ file, keys: keys.length === 0 ? [KEY] : keys });
const textOf = async (name: string, vault = open()) => (await vault.get(name)).reveal();
const codeOf = async (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? 'no code',
  );

describe('a vault', () => {
  it('keeps values, counts their versions and tells when they were set', async () => {
    const vault = open();
    await vault.open();
    expect([await vault.list(), existsSync(file)]).toEqual([[], false]);
    const first = await vault.set('github/token', VALUE);
    expect(first).toMatchObject({ name: 'github/token', version: 1 });
    expect(Math.abs(first.updatedAt.getTime() - Date.now())).toBeLessThan(60_000);
    await vault.set('a', '-----BEGIN-----\nline\n-----END-----\n');
    await vault.set('github/token', 'the-next-value');
    const read = await open().get('github/token');
    expect([read.reveal(), read.version, read.reference]).toEqual(['the-next-value', '2', 'local://github/token']);
    expect(await textOf('a')).toBe('-----BEGIN-----\nline\n-----END-----\n');
    expect((await open().list()).map(({ name, version }) => [name, version])).toEqual([
      ['a', 1],
      ['github/token', 2],
    ]);
    await vault.remove('a');
    expect(await codeOf(open().get('a'))).toBe('SECRET_NOT_FOUND');
    expect(await codeOf(vault.remove('a'))).toBe('SECRET_NOT_FOUND');
  });

  it('writes a file that only its owner can read, and leaves nothing beside it', async () => {
    await open().set('a', VALUE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    await open().set('b', VALUE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['secrets.vault']);
  });

  it('holds no value in the clear, in whatever encoding, and shows none when printed', async () => {
    const vault = open();
    const secret = await vault.set('a', VALUE).then(async () => vault.get('a'));
    const dump = readFileSync(file);
    for (const encoding of ['utf8', 'base64', 'hex', 'base64url'] as const) {
      const form = Buffer.from(VALUE).toString(encoding).replace(/=+$/, '').slice(2, -2);
      expect(dump.includes(form)).toBe(false);
    }
    for (const shown of [
      inspect({ vault, secret }, { depth: 20, showHidden: true }),
      JSON.stringify({ vault, secret }),
    ]) {
      expect(shown).not.toContain(VALUE);
      expect(shown).not.toContain(KEY.slice(7));
    }
  });

  it.each([
    ['', 'SECRET_REFERENCE_INVALID'],
    ['a b', 'SECRET_REFERENCE_INVALID'],
    ['a#b', 'SECRET_REFERENCE_INVALID'],
    ['-a', 'SECRET_REFERENCE_INVALID'],
    ['x'.repeat(129), 'SECRET_REFERENCE_INVALID'],
    ['__proto__', 'ok'],
    ['x'.repeat(128), 'ok'],
  ])('takes the name %j: %s', async (name, code) => {
    expect(await codeOf(open().set(name, VALUE))).toBe(code);
    expect(await codeOf(textOf(name))).toBe(code === 'ok' ? 'ok' : 'SECRET_NOT_FOUND');
  });

  it.each([
    ['', 'is empty'],
    ['a\0b', 'NUL'],
    ['\ud800', 'not well-formed'],
    ['x'.repeat(65_537), '64 KiB'],
  ])('refuses the value %j', async (value, problem) => {
    await expect(open().set('a', value)).rejects.toMatchObject({
      code: 'SECRET_VALUE_INVALID',
      message: expect.stringContaining(`local://a ${problem}`.slice(0, 10)),
    });
    await expect(open().set('a', value)).rejects.toThrow(problem);
    expect(existsSync(file)).toBe(false);
  });

  it('is bounded in records and in size', { timeout: 30_000 }, async () => {
    const vault = open();
    await vault.set('a', VALUE);
    rewrite(({ records }) => {
      const [record] = records;
      if (record === undefined) return;
      for (let index = 1; index < 1_000; index += 1) records.push({ ...record, name: `copy${index}` });
    });
    await expect(vault.set('b', VALUE)).rejects.toThrow('more than 1000 secrets');
    expect(await codeOf(vault.set('a', VALUE))).toBe('ok');
    rewrite(({ records }) => {
      for (const record of records.slice(1, 200)) record.sealed = 'A'.repeat(84_000);
    });
    await expect(vault.set('a', 'y'.repeat(60_000))).rejects.toThrow('larger than 16 MiB');
    writeFileSync(file, ' '.repeat(16 * 1024 * 1024 + 1));
    expect(await codeOf(vault.list())).toBe('SECRET_VAULT_DAMAGED');
  });
});

describe('a key that is wrong', () => {
  it('opens nothing, and nothing is overwritten', async () => {
    await open().set('a', VALUE);
    const before = readFileSync(file);
    const wrong = open(keyText());
    const reads = [wrong.open(), wrong.list(), wrong.get('a')];
    const writes = [wrong.set('a', 'x1'), wrong.set('b', 'x1'), wrong.remove('a'), wrong.rekey()];
    const codes = await Promise.all([...reads, ...writes].map(async (attempt) => codeOf(attempt)));
    expect(codes).toEqual(codes.map(() => 'SECRET_VAULT_KEY_WRONG'));
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(directory)).toEqual(['secrets.vault']);
  });

  it('is noticed although the vault holds no record', async () => {
    await open().set('a', VALUE);
    await open().remove('a');
    expect(await codeOf(open(keyText()).set('a', VALUE))).toBe('SECRET_VAULT_KEY_WRONG');
    expect(await codeOf(open().set('a', VALUE))).toBe('ok');
  });

  it.each([[[]], [[KEY, KEY, KEY, KEY, KEY]], [['no prefix']], [['pass:changemechangeme']], [[KEY, 'hex:00']]])(
    'is refused when it is given: %j',
    (keys) => {
      expect(() => createVault({ file, keys })).toThrow(expect.objectContaining({ code: 'SECRET_VAULT_KEY_INVALID' }));
    },
  );

  it('is a passphrase with another letter', { timeout: 30_000 }, async () => {
    const vault = open('pass:correct horse battery staple');
    await vault.set('a', VALUE);
    const [key] = written().keys;
    expect(Buffer.from(key?.salt ?? '', 'base64')).toHaveLength(16);
    expect(await textOf('a', open('pass:correct horse battery staple'))).toBe(VALUE);
    expect(await codeOf(open('pass:correct horse battery stable').get('a'))).toBe('SECRET_VAULT_KEY_WRONG');
    expect(await codeOf(open(KEY).get('a'))).toBe('SECRET_VAULT_KEY_WRONG');
  });
});

describe('several keys', () => {
  it('the first encrypts, all decrypt', async () => {
    const next = keyText();
    await open().set('a', 'value-of-a');
    await open(next, KEY).set('b', 'value-of-b');
    expect(written().keys).toHaveLength(2);
    expect([await textOf('a', open(KEY, next)), await textOf('b', open(KEY, next))]).toEqual([
      'value-of-a',
      'value-of-b',
    ]);
    expect(await codeOf(open(next).get('a'))).toBe('SECRET_VAULT_KEY_WRONG');
    expect(await textOf('b', open(next))).toBe('value-of-b');
    // What only the old key opens is kept as it is.
    await open(next).set('c', 'value-of-c');
    expect(await textOf('a', open(KEY))).toBe('value-of-a');
    expect(await codeOf(open(next).rekey())).toBe('SECRET_VAULT_KEY_WRONG');
  });

  it('rekey leaves the first one only, and values, versions and times as they are', async () => {
    const next = keyText();
    await open().set('a', 'first-of-a');
    await open().set('a', 'value-of-a');
    await open().set('b', 'value-of-b');
    const before = await open().list();
    expect(await open(next, KEY).rekey()).toBe(2);
    expect(written().keys).toHaveLength(1);
    expect(await open(next).list()).toEqual(before);
    expect([await textOf('a', open(next)), await textOf('b', open(next))]).toEqual(['value-of-a', 'value-of-b']);
    expect(await codeOf(open().get('a'))).toBe('SECRET_VAULT_KEY_WRONG');
  });

  it('rekey of 300 records disturbs no reader', { timeout: 30_000 }, async () => {
    const count = 300;
    const bytes = Buffer.from(KEY.slice(7), 'base64');
    await open().set('s0', 'value-0-of-it');
    rewrite(({ keys, records }) => {
      const key = keys[0]?.id ?? '';
      for (let index = 1; index < count; index += 1) {
        const head = { name: `s${index}`, key, version: 1, updated: new Date().toISOString() };
        records.push({ ...head, sealed: seal(bytes, placeOfRecord(head), `value-${index}-of-it`) });
      }
    });
    const next = keyText();
    const reader = open(KEY, next);
    let done = false;
    let reads = 0;
    const reading = (async () => {
      for (; !done; reads += 1) expect(await textOf(`s${reads % count}`, reader)).toBe(`value-${reads % count}-of-it`);
    })().finally(() => (done = true));
    const writer = open(next, KEY);
    // However slow the disk is for one of them: there are reads meanwhile.
    for (let index = 0; !done && (index < 5 || reads <= 5); index += 1) expect(await writer.rekey()).toBe(count);
    done = true;
    await reading;
    expect(await textOf('s299', open(next))).toBe('value-299-of-it');
  });
});

describe('a file that was changed', () => {
  it('never gives another value, whichever byte it was', { timeout: 30_000 }, async () => {
    await open().set('a', VALUE);
    const bytes = readFileSync(file);
    const codes = new Set<string>();
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 0x01;
      writeFileSync(file, changed);
      const result = await codeOf(textOf('a'));
      codes.add(result);
      expect([index, result]).not.toEqual([index, 'ok']);
    }
    expect(codes).toEqual(new Set(['SECRET_NOT_FOUND', 'SECRET_VAULT_DAMAGED', 'SECRET_VAULT_KEY_WRONG']));
  });

  it.each<[string, (written: Written) => unknown]>([
    ['moved to another name', ({ records: [a, b] }) => a && b && Object.assign(a, { sealed: b.sealed })],
    [
      'given another name',
      ({ records: [a, b] }) => a && b && [Object.assign(a, { name: 'c' }), Object.assign(b, { name: 'a' })],
    ],
    ['given another version', ({ records: [a] }) => a && Object.assign(a, { version: 7 })],
    ['given another time', ({ records: [a] }) => a && Object.assign(a, { updated: '2020-01-01T00:00:00.000Z' })],
  ])('is refused when a record was %s', async (_, change) => {
    await open().set('a', 'value-of-a');
    await open().set('b', 'value-of-b');
    await open().set('z', 'value-of-z');
    rewrite(change);
    expect(await codeOf(open().get('a'))).toBe('SECRET_VAULT_DAMAGED');
    expect(await codeOf(open().list())).toBe('SECRET_VAULT_DAMAGED');
    expect(await textOf('z')).toBe('value-of-z');
  });

  it('is refused when a record is said to be of another key', async () => {
    const next = keyText();
    await open().set('a', 'value-of-a');
    await open(next, KEY).set('b', 'value-of-b');
    rewrite(({ records: [a, b] }) => a && b && Object.assign(a, { key: b.key }));
    expect(await codeOf(open(next, KEY).get('a'))).toBe('SECRET_VAULT_DAMAGED');
  });

  it.each([
    ['', 'no JSON object'],
    ['{"format":"hostler-vault/1","keys":[', 'no JSON object'],
    ['[]', 'no JSON object'],
    ['{"format":"other"}', 'its format'],
    ['{"format":"hostler-vault/1","keys":{},"records":[]}', 'a list'],
    ['{"format":"hostler-vault/1","keys":[1],"records":[]}', 'a key in it'],
    ['{"format":"hostler-vault/1","keys":[{"id":1}],"records":[]}', 'a key in it'],
    ['{"format":"hostler-vault/1","keys":[],"records":[{"name":"a"}]}', 'a record in it'],
  ])('is said to be damaged and left as it is: %s', async (text, problem) => {
    writeFileSync(file, text);
    await expect(open().list()).rejects.toThrow(problem);
    expect(await codeOf(open().set('a', VALUE))).toBe('SECRET_VAULT_DAMAGED');
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is refused when a name or a key is in it twice, or the key of a record is missing', async () => {
    await open().set('a', VALUE);
    const good = readFileSync(file);
    const changes: ((written: Written) => unknown)[] = [
      ({ records }) => records.push(...records),
      ({ keys }) => keys.push(...keys),
      ({ records }) => records.forEach((record) => Object.assign(record, { key: 'other' })),
    ];
    for (const change of changes) {
      writeFileSync(file, good);
      rewrite(change);
      expect(await codeOf(open().list())).toBe('SECRET_VAULT_DAMAGED');
    }
  });
});

describe('several writers', () => {
  it('of one process lose nothing', { timeout: 30_000 }, async () => {
    const vault = open();
    await Promise.all(Array.from({ length: 20 }, async (_, index) => vault.set(`s${index}`, `value-number-${index}`)));
    expect(await open().list()).toHaveLength(20);
    const others = [open(), open(), open()];
    const codes = await Promise.all(others.map(async (other, index) => codeOf(other.set(`t${index}`, VALUE))));
    expect(codes).toContain('ok');
    expect((await open().list()).length).toBe(20 + codes.filter((code) => code === 'ok').length);
    expect(readdirSync(directory)).toEqual(['secrets.vault']);
  });

  it.each([
    ['a running process', { host: hostname(), process: process.pid }, 0, 'SECRET_VAULT_BUSY'],
    ['a process that has ended', { host: hostname(), process: 2 ** 22 + 1 }, 0, 'ok'],
    ['another machine', { host: 'other', process: 2 ** 22 + 1 }, 0, 'SECRET_VAULT_BUSY'],
    ['another machine, long ago', { host: 'other', process: 1 }, 61, 'ok'],
    ['nobody knows whom', {}, 0, 'SECRET_VAULT_BUSY'],
    ['a process that has just begun', undefined, 0, 'SECRET_VAULT_BUSY'],
    ['a process that began a second ago', undefined, 1, 'SECRET_VAULT_BUSY'],
    ['a process that ended as it began', undefined, 3, 'ok'],
  ])('heed the lock of %s', async (_, owner, age, code) => {
    // The time stands still: a lock that a slow machine looks at late is no older.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const lock = `${file}.lock`;
    writeFileSync(lock, owner === undefined ? '' : JSON.stringify(owner));
    const then = Date.now() / 1_000 - age;
    utimesSync(lock, then, then);
    expect(await codeOf(open().set('a', VALUE))).toBe(code);
    expect(existsSync(lock)).toBe(code !== 'ok');
    // Readers need no lock.
    expect(await codeOf(open().list())).toBe('ok');
  });
});

describe('the place of the file', () => {
  it('is a directory that is there and is not written by everybody', async () => {
    const vaultIn = (path: string) => createVault({ file: join(directory, path), keys: [KEY] });
    await expect(vaultIn('none/x').set('a', VALUE)).rejects.toThrow('its directory is not there');
    mkdirSync(join(directory, 'open'));
    chmodSync(join(directory, 'open'), 0o777);
    await expect(vaultIn('open/x').set('a', VALUE)).rejects.toThrow('written by all');
    chmodSync(join(directory, 'open'), 0o1777);
    expect(await codeOf(vaultIn('open/x').set('a', VALUE))).toBe('ok');
    mkdirSync(join(directory, 'folder'));
    expect(await codeOf(vaultIn('folder').set('a', VALUE))).toBe('SECRET_VAULT_DAMAGED');
  });

  it('may be a link, which stays one', async () => {
    const link = join(directory, 'link');
    await open().set('a', VALUE);
    symlinkSync(file, link);
    await createVault({ file: link, keys: [KEY] }).set('b', VALUE);
    expect(await open().list()).toHaveLength(2);
  });
});

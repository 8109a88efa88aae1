import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DrivenClock } from '../../test/driven-clock.ts';
import { createRedactor } from '../redactor/redactor.ts';
import { createSecretResolver } from '../resolver/secret-resolver.ts';
import { testSecretProvider } from '../testing.ts';
import { createVault } from '../vault/create-vault.ts';
import { createLocalProvider } from './local.ts';

const { signal } = new AbortController();
const directory = mkdtempSync(join(tmpdir(), 'local-provider-'));
const file = join(directory, 'secrets.vault');
const keys = [`hex:${randomBytes(32).toString('hex')}`];
const vault = createVault({ file, keys });

beforeAll(async () => {
  await vault.set('team/token', '{"token":"local-value-7b3e"}');
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('with a vault', () => {
  testSecretProvider('local', {
    create: () => createLocalProvider({ file, keys }),
    present: { reference: 'local://team/token#token', value: 'local-value-7b3e' },
    missing: 'local://team/none',
    malformed: 'local://a b',
    replyText: directory,
  });
});

function open(options = { file, keys }) {
  return createSecretResolver({
    providers: [createLocalProvider(options)],
    redactor: createRedactor(),
    clock: new DrivenClock(),
    fetch,
  });
}

it('sees a new value as a new version', async () => {
  const resolver = open();
  const changes: unknown[] = [];
  resolver.onChange((change) => changes.push(change));
  await vault.set('rotated', 'value-before');
  expect((await resolver.resolve('local://rotated', signal)).version).toBe('1');
  await vault.set('rotated', 'value-after');
  expect((await resolver.refresh('local://rotated', signal)).reveal()).toBe('value-after');
  expect(changes).toEqual([{ reference: 'local://rotated', version: '2', previous: 'other' }]);
});

it.each([
  ['no file', 'none.vault', keys, 'SECRET_NOT_FOUND'],
  ['a wrong key', 'secrets.vault', [`hex:${randomBytes(32).toString('hex')}`], 'SECRET_VAULT_KEY_WRONG'],
  ['a damaged file', 'damaged.vault', keys, 'SECRET_VAULT_DAMAGED'],
])('says what is wrong: %s', async (_, name, given, code) => {
  writeFileSync(join(directory, 'damaged.vault'), '{"format"');
  const resolver = open({ file: join(directory, name), keys: given });
  await expect(resolver.resolve('local://team/token', signal)).rejects.toMatchObject({ code });
});

it('refuses names that the vault cannot hold, when the configuration is loaded', () => {
  expect(open().problemOf('local://a b')).toContain('local://github/token');
  expect(open().problemOf('local://github/token#a.b')).toBeUndefined();
});

it('refuses a key that can be guessed when it is made', () => {
  expect(() => createLocalProvider({ file, keys: ['pass:changemechangeme'] })).toThrow('placeholder');
});

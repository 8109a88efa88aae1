import { describe, expect, it } from 'vitest';
import { keyNames, parseSecretRef, withoutKey } from './secret-ref.ts';

describe('a secret reference', () => {
  it.each([
    ['env://TOKEN', { scheme: 'env', path: 'TOKEN' }],
    ['file:///run/secrets/my token', { scheme: 'file', path: '/run/secrets/my token' }],
    ['file://./x.json#a.b', { scheme: 'file', path: './x.json', key: 'a.b' }],
    ['gcp://projects/P/secrets/S/versions/7', { scheme: 'gcp', path: 'projects/P/secrets/S/versions/7' }],
    [
      'aws://arn:aws:secretsmanager:eu-west-1:1:secret:x?stage=AWSCURRENT#token',
      { scheme: 'aws', path: 'arn:aws:secretsmanager:eu-west-1:1:secret:x?stage=AWSCURRENT', key: 'token' },
    ],
    ['vault+kv2://a%20b', { scheme: 'vault+kv2', path: 'a%20b' }],
    ['env://Ü', { scheme: 'env', path: 'Ü' }],
  ])('reads %s', (text, parts) => {
    expect(parseSecretRef(text)).toEqual({ text, ...parts });
  });

  it.each([
    ['', 'write scheme://path'],
    ['hunter2-the-password', 'write scheme://path'],
    ['${TOKEN}', 'write scheme://path'],
    ['env:TOKEN', 'write scheme://path'],
    ['ENV://TOKEN', 'lower-case'],
    ['1env://TOKEN', 'lower-case'],
    [`${'a'.repeat(33)}://TOKEN`, 'lower-case'],
    ['env://', 'name the secret'],
    ['env://#key', 'name the secret'],
    ['env:// TOKEN', 'white space'],
    ['env://TOKEN ', 'white space'],
    ['env://TOKEN\n', 'position 12'],
    ['env://TO\u0000KEN', 'position 9'],
    ['env://TO\u200bKEN', 'position 9'],
    ['env://TO\u2028KEN', 'position 9'],
    ['env://\ud800', 'surrogate'],
    ['env://TOKEN#', 'name a key'],
    ['env://TOKEN#a#b', 'one #'],
    ['env://TOKEN#a..b', 'empty name'],
    ['env://TOKEN#.a', 'empty name'],
    [`env://${'A'.repeat(2043)}`, '2048'],
  ])('refuses %j and says what to do', (text, mend) => {
    expect(() => parseSecretRef(text)).toThrow(
      expect.objectContaining({ code: 'SECRET_REFERENCE_INVALID', message: expect.stringContaining(mend) }),
    );
  });

  it('takes 2048 characters', () => {
    expect(parseSecretRef(`env://${'A'.repeat(2042)}`).path).toHaveLength(2042);
  });

  it.each(['hunter2-the-password', 'HUNTER2://hunter2', 'env://hunter2#', 'env://hunter2\n', 'env:// hunter2'])(
    'does not repeat %j, which may be the secret itself',
    (text) => {
      expect(() => parseSecretRef(text)).toThrow(
        expect.objectContaining({ message: expect.not.stringMatching(/hunter2/i) }),
      );
    },
  );

  it('splits a key at dots that no backslash precedes', () => {
    expect(keyNames(String.raw`auths.index\.docker\.io.auth`)).toEqual(['auths', 'index.docker.io', 'auth']);
  });

  it('can be had without its key', () => {
    expect(withoutKey(parseSecretRef('aws://a/b#c'))).toEqual({ text: 'aws://a/b', scheme: 'aws', path: 'a/b' });
  });
});

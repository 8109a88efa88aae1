import { describe, expect, it } from 'vitest';
import { FILE, problemsOf } from '../test/support/problems-of.ts';
import { parseConfig } from './parse.ts';

/** Without the place in the file. */
function problemsIn(config: object): string[] {
  return problemsOf(JSON.stringify(config)).map((line) => line.replace(/^[^ ]* /, ''));
}

const inEnv = (secret: string) => ({ servers: { one: { command: 'a', env: { A: { secret } } } } });
const KEY_FIXED = 'servers.one.env.A.secret: the key after # is fixed text: claims stand before it';
const UNCLOSED = 'servers.one.env.A.secret: each { needs its }, with the name of a claim between them';
const NO_CLAIM =
  'servers.one.env.A.secret: between { and } stands the name of a claim, such as {sub} or {realm.team}, or {consumer}';
const NOT_HERE = 'only a secret in env or headers can be each caller’s own: { and } cannot stand in this reference';

describe('secrets that are each caller’s own', () => {
  it('may stand in headers and in the environment', () => {
    const headers = { authorization: { secret: 'gcp://p/{realm.team}-{consumer}#key', format: 'Bearer {}' } };
    const env = { A: { secret: 'env://TOKEN_{sub}' }, B: { secret: 'file:///run/secrets/{sub}/token', as: 'file' } };
    const servers = {
      one: { command: 'a', env },
      two: { url: 'https://a', headers },
      three: { url: 'wss://a', headers },
    };
    expect(problemsIn({ servers })).toEqual([]);
  });

  it.each([
    ['gcp://p/{sub', UNCLOSED],
    ['gcp://p/sub}', UNCLOSED],
    ['gcp://p/{{sub}}', UNCLOSED],
    ['gcp://p/{}', NO_CLAIM],
    ['gcp://p/{1st}', NO_CLAIM],
    ['gcp://p/{a..b}', NO_CLAIM],
    ['gcp://p/{a/b}', NO_CLAIM],
    [`gcp://p/{${'a'.repeat(65)}}`, NO_CLAIM],
    ['gcp://p/a#{sub}', KEY_FIXED],
    ['gc{sub}://p', 'servers.one.env.A.secret: must be a secret reference: scheme://rest, such as env://NAME'],
    [
      'env://{sub}-TOKEN',
      'servers.one.env.A.secret: env:// is followed by the name of a variable: letters, digits and _, and no digit first',
    ],
  ])('refuses %s', (secret, expected) => {
    expect(problemsIn(inEnv(secret))).toEqual([expected]);
  });

  it('refuses them elsewhere', () => {
    const tls = { ca: { secret: 'gcp://p/{sub}' } };
    expect(problemsIn({ servers: { one: { url: 'https://a', tls } } })).toEqual([expect.stringContaining('ca')]);
    const keys = [{ secret: 'gcp://p/{sub}' }];
    expect(problemsIn({ servers: {}, consumers: { a: { keys } } }).join()).toContain(NOT_HERE);
  });

  it('keeps such servers out of groups', () => {
    const config = {
      servers: {
        one: { command: 'a', env: { A: { secret: 'gcp://p/{sub}' } } },
        two: { url: 'https://a', oauth: {} },
        three: {
          url: 'https://b',
          oauth: {
            grant: 'client-credentials',
            clientId: 'x',
            clientSecret: { secret: 'env://X' },
            issuer: 'https://id.example.com',
          },
        },
      },
      groups: { all: { servers: ['one', 'two', 'three'] } },
    };
    const words = (name: string) =>
      `"${name}" has other credentials for each caller, so it cannot stand in for other servers`;
    const hint = '(take it out of the group, or give it a secret that is the same for all)';
    expect(problemsIn(config)).toEqual([
      `groups.all.servers[0]: ${words('one')} ${hint}`,
      `groups.all.servers[1]: ${words('two')} ${hint}`,
    ]);
  });

  it('A-23: says where callers of two issuers would share one', () => {
    const issuer = (name: string) => ({ issuer: `https://${name}`, audience: ['x'] });
    const notesOf = (secret: string, issuers: object): string[] =>
      parseConfig(JSON.stringify({ ...inEnv(secret), auth: { issuers }, consumers: {} }), FILE)
        .notes.filter(({ message }) => message.includes('two issuers'))
        .map(({ path }) => path);
    const two = { a: issuer('a'), b: issuer('b') };
    expect(notesOf('gcp://p/{sub}', two)).toEqual(['servers.one.env.A.secret']);
    expect(notesOf('gcp://p/{consumer}/{sub}', two)).toEqual([]);
    expect(notesOf('gcp://p/fixed', two)).toEqual([]);
    expect(notesOf('gcp://p/{sub}', { a: issuer('a') })).toEqual([]);
  });
});

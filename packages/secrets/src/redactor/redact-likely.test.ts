import { describe, expect, it } from 'vitest';
import { redactLikely } from './redact-likely.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl';
const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc\n-----END RSA PRIVATE KEY-----';

describe('redactLikely masks', () => {
  it.each([
    ['{"password":"hunter2","port":5}', '{"password":"[secret]","port":5}'],
    ['{"clientSecret": "a \\"b\\\\", "x":"y"}', '{"clientSecret": "[secret]", "x":"y"}'],
    ['{"msg":"{\\"apiKey\\":\\"a\\\\\\"b\\",\\"y\\":1}"}', '{"msg":"{\\"apiKey\\":\\"[secret]\\",\\"y\\":1}"}'],
    ['{"set-cookie":["a=b; Path=/", "c=d"],"x":"y"}', '{"set-cookie":["[secret]", "[secret]"],"x":"y"}'],
    ["{ passwd: 'abc', b: 'c' }", "{ passwd: '[secret]', b: 'c' }"],
    ['password=hunter2 next', 'password=[secret] next'],
    ['PASSWORD: hunter2', 'PASSWORD: [secret]'],
    ['export GITHUB_TOKEN=abc-def', 'export GITHUB_TOKEN=[secret]'],
    ['access_key=a&private_key=b&page=2', 'access_key=[secret]&private_key=[secret]&page=2'],
    ['run --password x --verbose', 'run --password [secret] --verbose'],
    ['run --api-key=x --verbose', 'run --api-key=[secret] --verbose'],
    ['["run","--token","abc","--verbose"]', '["run","--token","[secret]","--verbose"]'],
    ['Authorization: Basic dXNlcjpwdw==\r\nHost: x', 'Authorization: [secret]\r\nHost: x'],
    ['cookie: a=b; c=d\nnext: e', 'cookie: [secret]\nnext: e'],
    ['headers["x-api-key"] = "abc"', 'headers["x-api-key"] = "[secret]"'],
    ['credentials => abc', 'credentials => [secret]'],
    ['sent Bearer abc.DEF-123456', 'sent Bearer [secret]'],
    ['sent basic dXNlcjpwdw==', 'sent basic [secret]'],
    [`got ${JWT} back`, 'got [secret] back'],
    [`before\n${PEM}\nafter`, 'before\n[secret]\nafter'],
    [JSON.stringify({ key: PEM }), '{"key":"[secret]"}'],
    ['cut -----BEGIN PRIVATE KEY-----\nMIIE', 'cut [secret]'],
    ['https://me:p@ss@host/x?token=abc&y=1', 'https://me:[secret]@host/x?token=[secret]&y=1'],
    ['postgres://me:pw@db:5432/x', 'postgres://me:[secret]@db:5432/x'],
    ['db_secret=postgres://me:pw@db/x', 'db_secret=[secret]'],
    ['webhook_secret=https://hooks.example/T0/B0', 'webhook_secret=[secret]'],
    ['{"password":"open end', '{"password":"[secret]'],
  ])('in %j', (text, expected) => {
    expect(redactLikely(text)).toBe(expected);
    expect(redactLikely(expected)).toBe(expected);
  });

  it.each([
    'ghp_',
    'gho_',
    'github_pat_',
    'glpat-',
    'xoxb-',
    'AKIA',
    'ASIA',
    'AIza',
    'sk-',
    'sk_live_',
    'hf_',
    'npm_',
    'whsec_',
  ])('a token that begins with %s', (prefix) => {
    expect(redactLikely(`a ${prefix}4k2Jx9QpLm7ZAB01, b`)).toBe('a [secret], b');
  });

  it('keeps JSON valid', () => {
    const line = JSON.stringify({ token: 'a"b\\', msg: JSON.stringify({ secret: 'c\\"d', next: PEM }), n: [1, 'x'] });
    expect(JSON.parse(redactLikely(line))).toMatchObject({ token: '[secret]', n: [1, 'x'] });
  });
});

describe('redactLikely leaves alone', () => {
  it.each([
    'token budget 500',
    'tokens: 12',
    'tokenCount=7',
    '{"token":5,"password":true,"secret":null}',
    'keyboard: us',
    'secretary: Ann',
    'monkey=curious',
    '"secrets":{"count":5,"stale":["a"]}',
    'tokenType: "bearer"',
    'cookieless: yes',
    'public_key=abc',
    'primary key: id',
    'env://API_TOKEN',
    'token=env://API_TOKEN',
    '{ "secret": "gcp://project/name" }',
    '{"secret":"aws://prod/warehouse?stage=AWSCURRENT#token","server":"github"}',
    'secret: vault://team@site/name#key',
    'password: [secret]',
    '{"password":"[secret]"}',
    'Authorization: [secret]',
    'https://host:8443/path?page=2',
    'ssh://git@host/repo',
    'bearer authentication is off',
    'Basic configuration loaded',
    'invalid token.',
    'token: expired',
    'the task-force-of-forty sk-learn-installed',
    '-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----',
    'at Object.<anonymous> (/app/src/token.ts:12:5)',
    '2026-01-01T00:00:00Z GET /v1/secrets 200 12ms',
    '',
  ])('%j', (text) => {
    expect(redactLikely(text)).toBe(text);
  });
});

describe('redactLikely takes time in proportion to the text', () => {
  it.each([
    'a',
    'token',
    'password=',
    'password="',
    'password=\\"',
    'token: [',
    '"',
    '\\"',
    '\\',
    ' ',
    '--token ',
    '--',
    'eyJ',
    'eyJaaaaaaaa.',
    'Bearer ',
    '://a:',
    '://a:b',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    'ghp_',
    'secret=[secret]',
    `${'a'.repeat(128)} `,
    'cookie: ',
    'secret=a://:::',
    'secret="a://',
    '"secret":"a://b",',
    'token=1',
    '"cookie":["',
    '"cookie":["a",',
    'aA',
  ])('of %j over and over', (piece) => {
    const short = duration(piece.repeat(20_000 / piece.length), 3);
    const long = duration(piece.repeat(640_000 / piece.length), 3);
    // 32 times as much text: 32 when linear, 1 024 when quadratic. The least is for short pauses of the machine.
    expect(long).toBeLessThan(200 * Math.max(short, 2));
  });
});

/** The best of several runs, so that a pause of the machine does not count. */
function duration(text: string, runs: number): number {
  let best = Infinity;
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    redactLikely(text);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

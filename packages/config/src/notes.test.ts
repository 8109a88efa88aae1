import { describe, expect, it } from 'vitest';
import { parseConfig } from './parse.ts';

const FILE = '/etc/hostler/hostler.yaml';

/** What `parseConfig` notes of one server, as a person reads it. */
function notesOf(settings: object, secrets: object = {}): string[] {
  const { notes } = parseConfig(JSON.stringify({ servers: { one: settings }, secrets }), FILE);
  return notes.map(({ path, message, hint }) => `${path}: ${message} (${hint ?? ''})`);
}

/** Put together here, so that no scanner takes this file for a leak. */
const TOKENS: Readonly<Record<string, string>> = {
  GitHub: `ghp_${'a1'.repeat(18)}`,
  'GitHub, fine-grained': `github_pat_${'a1_'.repeat(20)}`,
  GitLab: `glpat-${'a1-'.repeat(8)}`,
  OpenAI: `sk-proj-${'a1'.repeat(12)}`,
  AWS: `AKIA${'ABCD1234'.repeat(2)}`,
  Google: `AIza${'a1B-_'.repeat(7)}`,
  Slack: `xoxb-${'1234-'.repeat(4)}`,
  'a key of a consumer': `hk_${'a1'.repeat(4)}_${'a1-'.repeat(14)}a_${'0a'.repeat(4)}`,
  'JSON Web Token': ['eyJhbGciOiJIUzI1', 'eyJzdWIiOiIxMjM0', 'c2ln'].join('.'),
};

const CLEAR = 'this looks like a secret, written in clear';

describe('a token in clear, known by its form', () => {
  it.each(Object.entries(TOKENS))('is noted wherever it stands, and never shown: %s', (_, token) => {
    const stdio = notesOf({ command: 'x', args: ['-y', `--key=${token}`], env: { PLAIN: `x ${token}` } });
    expect(stdio).toEqual([
      `servers.one.args[1]: ${CLEAR}, and every user of the machine sees it (give it to the program in env as { secret: "env://NAME" })`,
      `servers.one.env.PLAIN: ${CLEAR} (write { secret: "env://PLAIN" } or another reference)`,
    ]);
    const http = notesOf({ url: `https://a.example/mcp?q=${token}`, headers: { 'x-plain': token } });
    expect(http).toContain(
      `servers.one.headers.x-plain: ${CLEAR} (write { secret: "env://NAME", format: "Bearer {}" } or another reference)`,
    );
    expect(http).toContain(
      'servers.one.url: this URL seems to hold a secret, and logs and errors show URLs (send it in headers as { secret: "env://NAME" } if the server takes it there)',
    );
    expect([...stdio, ...http].join('\n')).not.toContain(token.slice(0, 12));
  });

  it('may be a private key', () => {
    const key = `-----BEGIN ${'RSA PRIVATE'} KEY-----\nMIIE`;
    expect(notesOf({ command: 'x', env: { PLAIN: key } })).toHaveLength(1);
  });

  it.each(['task-force-of-the-year-2024-and-2025', 'sk-', 'ghp_short', 'a sentence with eyJ in it', 'AKIA', 'desk-1'])(
    'is not seen in %j',
    (text) => {
      expect(notesOf({ command: 'x', args: [text], env: { PLAIN: text } })).toEqual([]);
    },
  );

  it('is looked for in linear time', { timeout: 30_000 }, () => {
    const texts = [
      'eyJaaaaaaaa-'.repeat(20_000),
      'sk-a'.repeat(60_000),
      '-----BEGIN A '.repeat(20_000),
      '-eyJ'.repeat(60_000),
    ];
    const before = process.cpuUsage();
    expect(notesOf({ command: 'x', args: texts })).toEqual([]);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(5_000_000);
  });
});

describe('a query', () => {
  it.each([
    ['https://a.example/?api_key=x', 1],
    ['https://a.example/?access-token=x', 1],
    ['https://a.example/?api_key=', 0],
    ['https://a.example/?tokens=9', 0],
    ['https://a.example/?page=2', 0],
  ])('%s is noted when it names a secret', (url, count) => {
    expect(notesOf({ url })).toHaveLength(count);
  });
});

describe('the options of a provider', () => {
  it('are noted where they hold a secret in clear', () => {
    const options = {
      apiToken: 'x',
      tokenFile: '/run/t',
      nested: [{ at: TOKENS['GitHub'] }],
      fine: { secret: 'env://A' },
    };
    const hint = 'write { secret: "env://NAME" } or one of file:// or local://';
    expect(notesOf({ command: 'x' }, { providers: [{ use: 'y', with: options }] })).toEqual([
      `secrets.providers[0].with.apiToken: ${CLEAR} (${hint})`,
      `secrets.providers[0].with.nested[0].at: ${CLEAR} (${hint})`,
    ]);
  });
});

describe('the variables of a server', () => {
  it('are noted when Windows would take two for one', () => {
    expect(notesOf({ command: 'x', env: { Mode: 'a', MODE: 'b', OTHER: 'c' } })).toEqual([
      'servers.one.env.MODE: differs from another variable only in case: on Windows they are one ()',
    ]);
  });

  it('may be those that every program has; as secrets these are noted', () => {
    expect(notesOf({ command: 'x', env: { PATH: '/bin', HOME: '/srv' } })).toEqual([]);
    expect(notesOf({ command: 'x', env: { HOME: { secret: 'env://HOME' } } })).toEqual([
      'servers.one.env.HOME: as a secret it is masked in everything that the server says (write its value, unless it is one)',
    ]);
  });

  it('need not be allowed when nobody refuses them', () => {
    expect(notesOf({ command: 'x', env: { LD_PRELOAD: 'y' }, allowEnv: ['LD_PRELOAD', 'MODE'] })).toEqual([
      'servers.one.allowEnv[1]: is not refused anyway (leave it out)',
    ]);
  });
});

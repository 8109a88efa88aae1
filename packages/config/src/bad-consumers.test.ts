import { describe, expect, it } from 'vitest';
import { FILE, problemsOf } from '../test/support/problems-of.ts';
import { parseConfig } from './parse.ts';

/** Two servers, a group of one of them, and what follows from the fourth line on. */
function file(...lines: string[]): string {
  return [
    'servers: { github: { command: a }, files: { command: a }, spare: { command: a } }',
    'groups: { team: { servers: [spare] } }',
    ...lines,
    '',
  ].join('\n');
}

const HASH = `sha256:${'0'.repeat(64)}`;
/** Put together here, so that no scanner takes this file for a leak. */
const KEY = `hk_${'a1'.repeat(4)}_${'a1-'.repeat(14)}a_${'0a'.repeat(4)}`;
const IN_CLEAR =
  'this is a key itself, written in clear: make a new one with hostler keys create, and write the hash that it prints';
const NO_HASH = 'must be sha256: and 64 hexadecimal digits, as hostler keys create prints it beside a key';
const RATE = 'must be a rate such as 10/s, 600/min or 5000/h, from 1 to 9999999';
const PLACES = 'a whole number from 1 to 100000';
const NO_DATE = 'must be a date such as 2027-01-31 or 2027-01-31T18:00:00Z';
const NAME = 'a consumer name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit';
const RESERVED = 'the names hostler and anonymous are reserved';
const PATTERN = 'must be a pattern such as tool:github/create_*, prompt:*/summarize or github/**';
const SECURE = 'must be an https:// URL without user, password or fragment in it (http:// on this machine alone)';
const RESOURCE = 'must be a whole http:// or https:// URL, without user, password or fragment in it';
const ALGORITHMS = ['RS', 'PS', 'ES']
  .flatMap((family) => [256, 384, 512].map((bits) => `"${family}${bits}"`))
  .concat('"EdDSA"', '"Ed25519"')
  .join(' or ');
const NO_REFERENCE = 'must be a secret reference: scheme://rest, such as env://NAME';

const BAD_FILES: readonly (readonly [name: string, text: string, ...expected: string[]])[] = [
  ['consumers without a value', file('consumers:'), '3:1 consumers: expected a map of consumers, found nothing'],
  ['consumers as a list', file('consumers: [ci]'), '3:1 consumers: expected a map of consumers, found a list'],
  [
    'a consumer without a value',
    file('consumers:', '  ci:'),
    '4:3 consumers.ci: expected a map with keys, tokens, servers, allow and deny, found nothing',
  ],
  [
    'names that no consumer can have',
    file('consumers:', '  a__b: {}', '  hostler: {}', '  Anonymous: {}', '  constructor: {}', '  "": {}'),
    `4:3 consumers.a__b: ${NAME}`,
    `5:3 consumers.hostler: ${RESERVED}`,
    `6:3 consumers.Anonymous: ${RESERVED}`,
    '7:3 consumers.constructor: this name is reserved',
    `8:3 consumers[""]: ${NAME}`,
  ],
  [
    'unknown and missing keys',
    file('consumers:', '  ci: { key: x, keys: [{ hsah: x }], tokens: [{ isuer: x }] }'),
    '4:9 consumers.ci.key: unknown key (did you mean "keys"?)',
    '4:26 consumers.ci.keys[0].hsah: unknown key (did you mean "hash"?)',
    '4:47 consumers.ci.tokens[0]: missing key "issuer"',
    '4:47 consumers.ci.tokens[0]: missing key "claims"',
    '4:49 consumers.ci.tokens[0].isuer: unknown key (did you mean "issuer"?)',
  ],
  [
    'keys of another form',
    file(
      'consumers:',
      '  ci:',
      '    keys:',
      '      - { hash: abc }',
      `      - { hash: "${HASH.replace('0', 'A')}" }`,
      `      - { hash: { secret: "env://A" } }`,
      '      - { secret: abc }',
      '      - { secret: { secret: "env://A" } }',
      '      - { secret: "env://not-a-name" }',
      '      - text',
    ),
    `6:17 consumers.ci.keys[0].hash: ${NO_HASH}`,
    `7:17 consumers.ci.keys[1].hash: ${NO_HASH}`,
    '8:11 consumers.ci.keys[2].hash: expected text, found a map (a secret may stand only in env, headers, tls, oauth and keys)',
    `9:19 consumers.ci.keys[3].secret: ${NO_REFERENCE}`,
    '10:11 consumers.ci.keys[4].secret: expected text, found a map (a secret may stand only in env, headers, tls, oauth and keys)',
    '11:19 consumers.ci.keys[5].secret: env:// is followed by the name of a variable: letters, digits and _, and no digit first',
    '12:9 consumers.ci.keys[6]: expected a map: { hash: "sha256:…" } or { secret: "env://NAME" }, found text',
  ],
  [
    'keys themselves, in clear',
    file(
      'consumers:',
      `  a: { keys: [{ hash: "${KEY}" }] }`,
      `  b: { keys: [{ secret: ${KEY} }] }`,
      `  c: { keys: [${KEY}] }`,
      `  d: { keys: ${KEY} }`,
      '  e: { keys: [{ hash: hk_half }] }',
      `  f: ${KEY}`,
      `  ${KEY}: { keys: [{ hash: x }] }`,
    ),
    `4:23 consumers.a.keys[0].hash: ${NO_HASH} (${IN_CLEAR})`,
    `5:25 consumers.b.keys[0].secret: ${NO_REFERENCE} (${IN_CLEAR})`,
    `6:15 consumers.c.keys[0]: expected a map: { hash: "sha256:…" } or { secret: "env://NAME" }, found text (${IN_CLEAR})`,
    `7:14 consumers.d.keys: expected a list of keys, found text (${IN_CLEAR})`,
    `8:23 consumers.e.keys[0].hash: ${NO_HASH} (${IN_CLEAR})`,
    `9:6 consumers.f: expected a map with keys, tokens, servers, allow and deny, found text (${IN_CLEAR})`,
    `10:3 consumers[…]: ${NAME} (${IN_CLEAR})`,
    `10:86 consumers[…].keys[0].hash: ${NO_HASH}`,
  ],
  [
    'keys without anything, and with too much',
    file(
      'consumers:',
      '  ci:',
      '    keys:',
      '      - { expires: 2099-01-01 }',
      `      - { hash: "${HASH}", secret: "env://A" }`,
    ),
    '6:9 consumers.ci.keys[0]: missing key "hash" or "secret" (hostler keys create makes a key and prints its hash)',
    '7:92 consumers.ci.keys[1].secret: a key has either hash or secret, not both',
  ],
  [
    'keys of two consumers, or there twice',
    file(
      'consumers:',
      `  a: { keys: [{ hash: "${HASH}" }, { secret: "env://A" }] }`,
      `  b: { keys: [{ hash: "${HASH}", expires: 2099-01-01 }] }`,
      '  c: { keys: [{ secret: "env://C" }, { secret: "env://A" }, { secret: "env://C" }] }',
    ),
    '5:23 consumers.b.keys[0].hash: this key is that of consumer "a" already',
    '6:48 consumers.c.keys[1].secret: this key is that of consumer "a" already',
    '6:71 consumers.c.keys[2].secret: this key stands here twice',
  ],
  [
    'dates that are none',
    file(
      'consumers:',
      ...['31.01.2099', '2099-02-30', '2099-01-01T18:00', '2099'].map(
        (expires, index) => `  c${index}: { keys: [{ secret: "env://C${index}", expires: ${expires} }] }`,
      ),
    ),
    `4:47 consumers.c0.keys[0].expires: ${NO_DATE}`,
    `5:47 consumers.c1.keys[0].expires: ${NO_DATE}`,
    `6:47 consumers.c2.keys[0].expires: ${NO_DATE}`,
    '7:47 consumers.c3.keys[0].expires: expected a date such as 2027-01-31, found a number',
  ],
  [
    'tokens that fit nobody or two',
    file(
      'auth: { issuers: { acme: { issuer: "https://id.example.com", audience: [x] } } }',
      'consumers:',
      '  a: { tokens: [{ issuer: acm, claims: { sub: a } }, { issuer: acme, claims: {} }] }',
      '  b: { tokens: [{ issuer: zebra, claims: { sub: b } }, { issuer: acme, claims: { sub: b, role: c } }] }',
      '  c: { tokens: [{ issuer: acme, claims: { role: c, sub: b } }, { issuer: acme, claims: { constructor: c, d: d } }] }',
      '  d: { tokens: [{ issuer: acme, claims: { admin: true } }] }',
    ),
    '5:70 consumers.a.tokens[1].claims: must name at least one claim',
    '6:27 consumers.b.tokens[0].issuer: there is no issuer "zebra" (auth.issuers has the known ones, by name)',
    '7:17 consumers.c.tokens[0]: every token that fits is that of consumer "b" already',
    '7:90 consumers.c.tokens[1].claims.constructor: this name is reserved',
    '8:50 consumers.d.tokens[0].claims.admin: expected text, found true or false (put it in quotes)',
  ],
  [
    'an issuer that is nearly there',
    file(
      'auth: { issuers: { acme: { issuer: "https://id.example.com", audience: [x] } } }',
      'consumers: { a: { tokens: [{ issuer: acm, claims: { sub: a } }] } }',
    ),
    '4:38 consumers.a.tokens[0].issuer: there is no issuer "acm" (did you mean "acme"?)',
  ],
  [
    'keys where there are names',
    file('consumers:', `  a: { tokens: [{ issuer: ${KEY}, claims: { sub: a } }], deny: ["${KEY}/x"] }`),
    '4:27 consumers.a.tokens[0].issuer: there is no issuer "…" (auth.issuers has the known ones, by name)',
    '4:123 consumers.a.deny[0]: there is no server or group "…" (name a server or a group of this file)',
  ],
  [
    'limits of another form',
    file(
      'consumers:',
      '  a: { limits: { calls: 600, concurrent: 0 } }',
      '  b: { limits: { calls: 0/s, concurrent: 1.5 } }',
      '  c: { limits: { calls: 600/m, concurrent: "16" } }',
      '  d: { limits: { calls: 10000000/h, concurrent: 100001 } }',
      '  e: { limits: { rate: 1/s, concurent: 1 } }',
      '  f: { limits: 600/min }',
      '  g: { limits: { calls: " 1/s" } }',
      '  h: { limits: { calls: -1/s } }',
      '  i: { limits: { calls: 1.5/s } }',
      '  j: { limits: { calls: 1/d } }',
      '  k: { limits: }',
    ),
    '4:25 consumers.a.limits.calls: expected a rate such as 600/min, found a number (a number has no unit: write 600/s or 600/min)',
    `4:42 consumers.a.limits.concurrent: must be ${PLACES}`,
    `5:25 consumers.b.limits.calls: ${RATE}`,
    `5:42 consumers.b.limits.concurrent: must be ${PLACES}`,
    `6:25 consumers.c.limits.calls: ${RATE}`,
    `6:44 consumers.c.limits.concurrent: expected ${PLACES}, found text`,
    `7:25 consumers.d.limits.calls: ${RATE}`,
    `7:49 consumers.d.limits.concurrent: must be ${PLACES}`,
    '8:18 consumers.e.limits.rate: unknown key (docs/configuration.md lists the known keys)',
    '8:29 consumers.e.limits.concurent: unknown key (did you mean "concurrent"?)',
    '9:16 consumers.f.limits: expected a map with calls, tools, concurrent, waiting, streams, sessions and subscriptions, found text',
    ...['10', '11', '12', '13'].map((line, index) => `${line}:25 consumers.${'ghij'[index]}.limits.calls: ${RATE}`),
    '14:8 consumers.k.limits: expected a map with calls, tools, concurrent, waiting, streams, sessions and subscriptions, found nothing',
  ],
  [
    'servers that are not there',
    file(
      'consumers:',
      '  ci: { servers: [githb, team, zebra, a__b] }',
      '  other: { servers: githb }',
      '  third: { servers: [githb, zebra] }',
    ),
    `4:39 consumers.ci.servers[3]: a server name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit`,
    '5:21 consumers.other.servers: expected a list of server names, or a map of them with allow and deny, found text',
    '6:22 consumers.third.servers[0]: there is no server or group "githb" (did you mean "github"?)',
    '6:29 consumers.third.servers[1]: there is no server or group "zebra" (name a server or a group of this file)',
  ],
  [
    'patterns of another form',
    file(
      'consumers:',
      '  ci:',
      '    allow: [github, "*", "tools:github/x", "tool:github", "github/", "tool:/x", "", github__create]',
      '    deny: tool:github/x',
    ),
    ...['13', '21', '26', '44', '59', '70', '81', '85'].map(
      (column, index) => `5:${column} consumers.ci.allow[${index}]: ${PATTERN}`,
    ),
    '6:11 consumers.ci.deny: expected a list of patterns, found text',
  ],
  [
    'patterns of servers that are not there',
    file(
      'consumers:',
      '  ci:',
      '    allow: ["tool:githb/x", "github/*", "team/x"]',
      '    deny: ["*/x", "prompt:fils/**", "zebra/x"]',
    ),
    '5:13 consumers.ci.allow[0]: there is no server or group "githb" (did you mean "github"?)',
    '6:19 consumers.ci.deny[1]: there is no server or group "fils" (did you mean "files"?)',
    '6:37 consumers.ci.deny[2]: there is no server or group "zebra" (name a server or a group of this file)',
  ],
  [
    'a consumer of servers and groups that are broken themselves',
    'servers: { one: { comand: x } }\ngroups: { g: { servers: [] } }\nconsumers: { ci: { servers: [one, g], allow: ["one/x", "g/x"] } }\n',
    '1:19 servers.one.comand: unknown key (did you mean "command"?)',
    '2:16 groups.g.servers: must name at least one server',
  ],
  [
    'a consumer of an issuer that is broken itself',
    file(
      'auth: { issuers: { acme: { issuer: "http://id.example.com" } } }',
      'consumers: { ci: { tokens: [{ issuer: acme, claims: { sub: a } }] } }',
    ),
    `3:36 auth.issuers.acme.issuer: ${SECURE}`,
  ],
  [
    'issuers that cannot be trusted',
    file(
      'consumers: {}',
      'auth:',
      '  issuers:',
      '    a: { issuer: id.example.com, audience: [] }',
      '    b: { issuer: "https://me:pass@id.example.com", algorithms: [HS256, none] }',
      '    c: { issuer: "https://id.example.com#x", jwks: "http://10.0.0.1/keys", algorithms: [] }',
      '    d: { issuer: "http://127.0.0.1.example.com", audience: x }',
      '    e: { issuer: "https://id.example.com", jwks: "file:///keys" }',
      '    f: {}',
    ),
    `6:18 auth.issuers.a.issuer: ${SECURE}`,
    '6:34 auth.issuers.a.audience: must name at least one audience',
    `7:18 auth.issuers.b.issuer: ${SECURE}`,
    `7:65 auth.issuers.b.algorithms[0]: expected ${ALGORITHMS}, found "HS256" (did you mean "RS256"?)`,
    `7:72 auth.issuers.b.algorithms[1]: expected ${ALGORITHMS}, found "none"`,
    `8:18 auth.issuers.c.issuer: ${SECURE}`,
    `8:52 auth.issuers.c.jwks: ${SECURE}`,
    '8:76 auth.issuers.c.algorithms: must name at least one algorithm',
    `9:18 auth.issuers.d.issuer: ${SECURE}`,
    '9:60 auth.issuers.d.audience: expected a list of texts, found text',
    `10:50 auth.issuers.e.jwks: ${SECURE}`,
    '11:5 auth.issuers.f: missing key "issuer"',
  ],
  [
    'issuers whose tokens might be for anybody, or that are one',
    file(
      'consumers: {}',
      'auth:',
      '  issuers:',
      '    a: { issuer: "https://id.example.com" }',
      '    b: { issuer: "https://id.example.com", audience: [x] }',
      '    c: { issuer: "https://id.example.com", audience: [y] }',
      '    d: { issuer: "https://id.example.com", audience: [z, y] }',
      '    prototype: { issuer: "https://id.example.com/p", audience: [x] }',
    ),
    '6:5 auth.issuers.a: does not say for whom its tokens have to be issued (add auth.resource, the URL of this host, or audience, which has to be in every token)',
    '9:18 auth.issuers.d.issuer: is that of "c" already, for the same audience (one entry is enough: consumers tell its tokens apart by their claims)',
    '10:5 auth.issuers.prototype: this name is reserved',
  ],
  [
    'issuers that nobody is asked to use',
    file('auth: { issuers: { a: { issuer: "https://id.example.com", audience: [x] } } }'),
    '3:9 auth.issuers: has no meaning without consumers: nobody is asked for a token (add consumers, whose tokens say which of them a client is)',
  ],
  ['a resource without a scheme', file('auth: { resource: mcp.example.com/mcp }'), `3:19 auth.resource: ${RESOURCE}`],
  [
    'a resource with a fragment',
    file('auth: { resource: "https://a.example/mcp#x" }'),
    `3:19 auth.resource: ${RESOURCE}`,
  ],
  ['a resource with a user', file('auth: { resource: "https://me@a.example/mcp" }'), `3:19 auth.resource: ${RESOURCE}`],
  [
    'a resource with a password alone',
    file('auth: { resource: "https://:pass@a.example/mcp" }'),
    `3:19 auth.resource: ${RESOURCE}`,
  ],
  [
    'keys of a vault that is not there, and variables in text',
    file(
      'consumers: { a: { keys: [{ secret: "local://a" }, { hash: "${KEY}" }] }, b: { keys: [{ secret: "local://b" }] } }',
    ),
    '3:59 consumers.a.keys[1].hash: variables in text are not filled in (write the value itself; a key may be { secret: "env://NAME" })',
    `3:59 consumers.a.keys[1].hash: ${NO_HASH}`,
    '3:96 consumers.b.keys[0].secret: local:// needs secrets.local: the encrypted file it is read from (add local: {} below secrets for hostler.vault beside this file)',
  ],
];

describe('parseConfig, of consumers that cannot be', () => {
  it.each(BAD_FILES)('names the lines and the mend: %s', (_, text, ...expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it('never repeats a key', () => {
    const texts = BAD_FILES.map(([, text]) => text).filter((text) => text.includes(KEY));
    expect(texts).not.toEqual([]);
    for (const text of texts) expect(problemsOf(text).join('\n')).not.toContain(KEY.slice(0, 8));
  });
});

describe('notes on consumers', () => {
  const NOW = Date.UTC(2027, 0, 31);

  /** What is noted of lines that stand below two servers and a group. */
  function notesOf(...lines: string[]): string[] {
    return parseConfig(file(...lines), FILE, { now: NOW }).notes.map(({ path, message, hint }) => {
      return hint === undefined ? `${path}: ${message}` : `${path}: ${message} (${hint})`;
    });
  }

  const ACME = 'auth: { resource: "https://h/mcp", issuers: { acme: { issuer: "https://id.example.com" } } }';

  it.each<[name: string, lines: readonly string[], ...expected: string[]]>([
    [
      'nobody at all',
      ['consumers: {}'],
      'consumers: nobody gets in (name a consumer; without the key consumers the host is open to this machine)',
    ],
    [
      'a consumer that nobody can be',
      ['consumers: { ci: { servers: [github] } }'],
      'consumers.ci: nobody can be this consumer: it has neither keys nor tokens (add keys, such as hostler keys create makes, or tokens)',
    ],
    [
      'keys that have expired, to the moment',
      [
        'consumers:',
        '  a: { keys: [{ secret: "env://A", expires: 2027-01-31 }, { secret: "env://B", expires: 2027-02-01 }] }',
        '  b: { keys: [{ secret: "env://C", expires: "2027-01-31T00:00:01Z" }, { secret: "env://D", expires: 2020-01-01 }] }',
      ],
      'consumers.a.keys[0].expires: this key has expired (take it out, or make a new one)',
      'consumers.b.keys[1].expires: this key has expired (take it out, or make a new one)',
    ],
    [
      'tokens of everybody',
      [
        ACME,
        'consumers:',
        '  a: { tokens: [{ issuer: acme, claims: { sub: "*" } }] }',
        '  b: { tokens: [{ issuer: acme, claims: { sub: "**", email: "*" } }] }',
        '  c: { tokens: [{ issuer: acme, claims: { sub: "*", email: "*@example.com" } }] }',
      ],
      'consumers.a.tokens[0].claims: everybody who has a token of "acme" with these claims is this consumer',
      'consumers.b.tokens[0].claims: everybody who has a token of "acme" with these claims is this consumer',
    ],
    [
      'issuers of nobody',
      [ACME, 'consumers: { a: { keys: [{ secret: "env://A" }] } }'],
      'auth.issuers.acme: no consumer has tokens of this issuer',
    ],
    [
      'tokens without a way to them',
      [
        'auth: { issuers: { acme: { issuer: "https://id.example.com", audience: [x] } } }',
        'consumers: { a: { tokens: [{ issuer: acme, claims: { sub: a } }] } }',
      ],
      'auth: clients are not told where to get a token (add resource: the URL under which they reach this host)',
    ],
    [
      'patterns that have no effect',
      [
        'consumers:',
        '  a:',
        '    keys: [{ secret: "env://A" }]',
        '    servers: [github, team]',
        '    allow: ["tool:github/x", "tool:files/x", "f*/x", "*/x", "zebra*/x", "team/x"]',
        '    deny: ["files/x"]',
        '  b: { keys: [{ secret: "env://B" }], servers: [], deny: ["*/x"] }',
        '  c: { keys: [{ secret: "env://C" }], allow: ["files/x"] }',
      ],
      'consumers.a.allow[1]: has no effect: servers leaves out every server that it fits',
      'consumers.a.allow[2]: has no effect: servers leaves out every server that it fits',
      'consumers.a.allow[4]: fits no server of this file',
      'consumers.a.deny[0]: has no effect: servers leaves out every server that it fits',
      'consumers.b.deny[0]: has no effect: servers leaves out every server that it fits',
    ],
    [
      'patterns that fit less than they seem to',
      [
        'consumers:',
        '  a:',
        '    keys: [{ secret: "env://A" }]',
        '    allow: ["github/*", "tool:github/*", "prompt:github/*", "resource:github/*", "github/**"]',
        '    deny: ["*/*"]',
      ],
      'consumers.a.allow[0]: fits hardly any resource: * stops at /, and URIs have some (write github/** for all of them)',
      'consumers.a.allow[3]: fits hardly any resource: * stops at /, and URIs have some (write resource:github/** for all of them)',
      'consumers.a.deny[0]: fits hardly any resource: * stops at /, and URIs have some (write */** for all of them)',
    ],
    [
      'members of a group',
      [
        'consumers:',
        '  a: { keys: [{ secret: "env://A" }], servers: [spare] }',
        '  b: { keys: [{ secret: "env://B" }], servers: [spare, team] }',
      ],
      'consumers.a.servers[0]: is a member of group "team", which stands in its place at /mcp (name "team" for that)',
    ],
    [
      'secrets in clear',
      [
        'auth: { resource: "https://h/mcp?token=x", issuers: { acme: { issuer: "https://id.example.com", jwks: "https://id.example.com/keys?api_key=x" } } }',
        `consumers: { a: { tokens: [{ issuer: acme, claims: { sub: a, other: ${KEY} } }] } }`,
      ],
      'auth.resource: this URL seems to hold a secret, and logs and errors show URLs',
      'auth.issuers.acme.jwks: this URL seems to hold a secret, and logs and errors show URLs',
      'consumers.a.tokens[0].claims.other: this looks like a secret, written in clear',
    ],
    [
      'nothing of what is well',
      [
        ACME,
        'consumers:',
        `  a: { keys: [{ hash: "${HASH}" }], tokens: [{ issuer: acme, claims: { sub: a } }] }`,
        '  b: { keys: [{ secret: "env://B" }], servers: [], allow: [], deny: [] }',
      ],
    ],
  ])('tell of %s', (_, lines, ...expected) => {
    expect(notesOf(...lines)).toEqual(expected);
  });

  it('compare dates with the present', () => {
    const text = file('consumers: { a: { keys: [{ secret: "env://A", expires: 2001-01-01 }] } }');
    expect(parseConfig(text, FILE).notes).toHaveLength(1);
  });
});

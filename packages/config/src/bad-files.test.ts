import { describe, expect, it } from 'vitest';
import { formatProblems } from './format-problems.ts';
import { parseConfig } from './parse.ts';

const FILE = '/etc/hostler/hostler.yaml';

/** The lines a person sees, without the file name. */
function problemsOf(text: string, file = FILE): string[] {
  try {
    parseConfig(text, file);
  } catch (error) {
    return formatProblems(error)
      .split('\n')
      .map((line) => line.replace(`${file}:`, ''));
  }
  return [];
}

/** One server whose settings are the given lines. */
function server(...lines: string[]): string {
  return ['servers:', '  one:', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

const DURATION = 'expected a duration such as 500ms, 30s or 2m, or a whole number of milliseconds, from 1ms to 600s';
const NAME = 'a server name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit';
const URL_WORDS = 'must be an http:// or https:// URL without user or password in it';
const REFUSED = 'this variable is refused: it makes the program load foreign code before it starts';
const PORT = 'must be a port: a whole number from 0 to 65535';

const BAD_FILES: readonly (readonly [name: string, text: string, ...expected: string[]])[] = [
  ['an empty file', '', '1:1: expected a map with servers, found an empty file'],
  ['only a comment', '# nothing\n', '1:1: expected a map with servers, found an empty file'],
  ['a list', '- a\n', '1:1: expected a map with servers, found a list'],
  ['plain text', 'hello', '1:1: expected a map with servers, found text'],
  ['no servers', 'log: { level: info }', '1:1: missing key "servers"'],
  ['servers without a value', 'servers:\n', '1:1 servers: expected a map of servers, found nothing'],
  ['servers as a list', 'servers: [a]\n', '1:1 servers: expected a map of servers, found a list'],
  ['servers as a list of maps', 'servers: [{ command: a }]\n', '1:1 servers: expected a map of servers, found a list'],
  [
    'provider options as a list',
    'servers: {}\nsecrets: { providers: [{ use: a, with: [b] }] }',
    '2:34 secrets.providers[0].with: expected a map of options, found a list',
  ],
  [
    'a server as text',
    'servers:\n  a: npx\n',
    '2:6 servers.a: expected a map with the settings of one server, found text',
  ],
  ['an unknown key at the top', 'servers: {}\nsecret: {}\n', '2:1 secret: unknown key (did you mean "secrets"?)'],
  [
    'a key like none of ours',
    'servers: {}\nzebra: 1\n',
    '2:1 zebra: unknown key (known keys: $schema, servers, secrets, listen, log, shutdown)',
  ],
  ['a misspelt key', server('comand: npx'), '3:5 servers.one.comand: unknown key (did you mean "command"?)'],
  [
    'a longer word for a key',
    server('environment: {}'),
    '3:5 servers.one.environment: unknown key (did you mean "env"?)',
  ],
  [
    'a misspelt key of a secret',
    server('command: a', 'env: { A: { secret: "env://A", formt: "x{}" } }'),
    '4:36 servers.one.env.A.formt: unknown key (did you mean "format"?)',
  ],
  [
    'no transport',
    server('required: true'),
    '2:3 servers.one: missing key "command" or "url" (command starts a program, url connects to a running server)',
  ],
  [
    'two transports',
    server('command: a', 'url: http://b'),
    '4:5 servers.one.url: a server has either command or url, not both',
  ],
  [
    'a type that contradicts',
    server('command: a', 'type: http'),
    '4:11 servers.one.type: type "http" does not go with command (leave type out, it follows from command or url)',
  ],
  [
    'stdio with a URL',
    server('url: http://a', 'type: stdio'),
    '4:11 servers.one.type: type "stdio" does not go with url (leave type out, it follows from command or url)',
  ],
  [
    'headers for a program',
    server('command: a', 'headers: { a: b }'),
    '4:5 servers.one.headers: has no meaning for a server with command',
  ],
  [
    'arguments for a URL',
    server('url: http://a', 'args: [b]'),
    '4:5 servers.one.args: has no meaning for a server with url',
  ],
  [
    'an unknown type',
    server('type: htpt', 'url: http://a'),
    '3:11 servers.one.type: expected "stdio" or "http" or "streamable-http", found "htpt" (did you mean "http"?)',
  ],
  [
    'an unknown era',
    server('command: a', 'era: modrn'),
    '4:10 servers.one.era: expected "auto" or "legacy" or "modern", found "modrn" (did you mean "modern"?)',
  ],
  [
    'a command line as a command',
    server('command: npx -y thing'),
    '3:14 servers.one.command: must be one program, without its arguments (put each argument into args)',
  ],
  [
    'an empty command',
    server('command: ""'),
    '3:14 servers.one.command: must be a path: not empty, without NUL and not beginning with ~ (write the whole path)',
  ],
  ['a command as a list', server('command: [npx]'), '3:5 servers.one.command: expected text, found a list'],
  [
    'a home folder',
    server('command: a', 'cwd: ~/x'),
    '4:10 servers.one.cwd: must be a path: not empty, without NUL and not beginning with ~ (write the whole path)',
  ],
  [
    'arguments as text',
    server('command: a', 'args: -y'),
    '4:11 servers.one.args: expected a list of arguments, found text',
  ],
  [
    'a number as an argument',
    server('command: a', 'args: [-p, 80]'),
    '4:16 servers.one.args[1]: expected text, found a number (put it in quotes)',
  ],
  [
    'a secret as an argument',
    server('command: a', 'args: [{ secret: "env://A" }]'),
    '4:12 servers.one.args[0]: expected text, found a map (a secret may stand only in env and headers)',
  ],
  [
    'a reference as an argument',
    server('command: a', 'args: ["env://A"]'),
    '4:12 servers.one.args[0]: a secret cannot be an argument: every user of the machine sees it (give it to the program in env as { secret: "…" })',
  ],
  [
    'a secret as a URL',
    server('url: { secret: "env://A" }'),
    '3:5 servers.one.url: expected text, found a map (a secret may stand only in env and headers)',
  ],
  ['a URL of another scheme', server('url: ftp://a/b'), `3:10 servers.one.url: ${URL_WORDS}`],
  ['a URL with a password', server('url: https://me:hunter2@a/b'), `3:10 servers.one.url: ${URL_WORDS}`],
  ['a URL that is none', server('url: "http://"'), `3:10 servers.one.url: ${URL_WORDS}`],
  [
    'a number as a variable',
    server('command: a', 'env: { PORT: 80 }'),
    '4:18 servers.one.env.PORT: expected text or { secret: … }, found a number (put it in quotes)',
  ],
  [
    'a variable without a value',
    server('command: a', 'env:', '  A:'),
    '5:7 servers.one.env.A: expected text or { secret: … }, found nothing',
  ],
  [
    'a variable as a list',
    server('command: a', 'env: { A: [b] }'),
    '4:12 servers.one.env.A: expected text or { secret: … }, found a list',
  ],
  [
    'a bad variable name',
    server('command: a', 'env: { 1A: b }'),
    '4:12 servers.one.env.1A: a variable name has letters, digits and _, and does not begin with a digit',
  ],
  [
    'a variable of the loader',
    server('command: a', 'env: { LD_PRELOAD: b }'),
    `4:12 servers.one.env.LD_PRELOAD: ${REFUSED}`,
  ],
  [
    'a variable of the loader of macOS',
    server('command: a', 'env: { DYLD_INSERT_LIBRARIES: b }'),
    `4:12 servers.one.env.DYLD_INSERT_LIBRARIES: ${REFUSED}`,
  ],
  [
    'a variable of Node',
    server('command: a', 'env: { NODE_OPTIONS: b }'),
    `4:12 servers.one.env.NODE_OPTIONS: ${REFUSED}`,
  ],
  [
    'a variable of Python',
    server('command: a', 'env: { PYTHONSTARTUP: b }'),
    `4:12 servers.one.env.PYTHONSTARTUP: ${REFUSED}`,
  ],
  [
    'a variable of the shell',
    server('command: a', 'env: { bash_env: b }'),
    `4:12 servers.one.env.bash_env: ${REFUSED}`,
  ],
  [
    'a variable in text',
    server('command: a', "env: { A: '${TOKEN}' }"),
    '4:15 servers.one.env.A: variables in text are not filled in (write { secret: "env://NAME" })',
  ],
  [
    'a variable in the middle of text',
    server('url: http://a', "headers: { authorization: 'Bearer ${TOKEN}' }"),
    '4:31 servers.one.headers.authorization: variables in text are not filled in (write { secret: "env://NAME", format: "Bearer {}" })',
  ],
  [
    'a variable in an argument',
    server('command: a', "args: ['${HOME}/x']"),
    '4:12 servers.one.args[0]: variables in text are not filled in (write the value itself; a secret goes into env or headers as { secret: "env://NAME" })',
  ],
  [
    'a reference as text',
    server('command: a', 'env: { A: "env://TOKEN" }'),
    '4:15 servers.one.env.A: this is a secret reference written as plain text (write { secret: "…" } around it)',
  ],
  [
    'a malformed reference',
    server('command: a', 'env: { A: { secret: TOKEN } }'),
    '4:25 servers.one.env.A.secret: must be a secret reference: scheme://rest, such as env://NAME',
  ],
  [
    'a reference without a name',
    server('command: a', 'env: { A: { secret: "env://" } }'),
    '4:25 servers.one.env.A.secret: must be a secret reference: scheme://rest, such as env://NAME',
  ],
  [
    'a secret without a reference',
    server('command: a', 'env: { A: { format: "x{}" } }'),
    '4:12 servers.one.env.A: missing key "secret"',
  ],
  [
    'a format without a place',
    server('command: a', 'env: { A: { secret: "env://A", format: x } }'),
    '4:44 servers.one.env.A.format: must be text that contains {} exactly once',
  ],
  [
    'a format with two places',
    server('command: a', 'env: { A: { secret: "env://A", format: "{}{}" } }'),
    '4:44 servers.one.env.A.format: must be text that contains {} exactly once',
  ],
  [
    'text for a flag',
    server('command: a', 'env: { A: { secret: "env://A", optional: "yes" } }'),
    '4:46 servers.one.env.A.optional: expected true or false, found text',
  ],
  [
    'a header of the protocol',
    server('url: http://a', 'headers: { Mcp-Session-Id: b }'),
    '4:16 servers.one.headers.Mcp-Session-Id: Hostler writes this header itself',
  ],
  [
    'a header that is no name',
    server('url: http://a', 'headers: { "a b": c }'),
    '4:16 servers.one.headers["a b"]: this is not the name of a header',
  ],
  [
    'a header with a line break',
    server('url: http://a', 'headers: { a: "b\\r\\nc: d" }'),
    '4:19 servers.one.headers.a: must be one line of ASCII or Latin-1 text',
  ],
  [
    'a header in two spellings',
    server('url: http://a', 'headers: { a: b, A: c }'),
    '4:22 servers.one.headers.A: this header stands here twice, in two spellings',
  ],
  [
    'a duration without a unit',
    server('command: a', 'timeout: "30"'),
    `4:14 servers.one.timeout: ${DURATION.replace(', from 1ms to 600s', '')}`,
  ],
  ['a duration that is too long', server('command: a', 'timeout: 11m'), `4:14 servers.one.timeout: ${DURATION}`],
  ['a duration of nothing', server('command: a', 'startTimeout: 0s'), `4:19 servers.one.startTimeout: ${DURATION}`],
  [
    'a duration as a flag',
    server('command: a', 'timeout: true'),
    '4:14 servers.one.timeout: expected a duration such as 500ms, 30s or 2m, or a whole number of milliseconds, found true or false',
  ],
  ['a name with a double underscore', 'servers: { a__b: { command: c } }', `1:12 servers.a__b: ${NAME}`],
  ['a name with a space', 'servers: { "a b": { command: c } }', `1:12 servers["a b"]: ${NAME}`],
  ['a name that ends with a dash', 'servers: { a-: { command: c } }', `1:12 servers.a-: ${NAME}`],
  [
    'a name of 33 characters',
    `servers: { ${'n'.repeat(33)}: { command: c } }`,
    `1:12 servers.${'n'.repeat(33)}: ${NAME}`,
  ],
  ['a port out of range', 'servers: {}\nlisten: { port: 65536 }', `2:17 listen.port: ${PORT}`],
  ['a broken port', 'servers: {}\nlisten: { port: 80.5 }', `2:17 listen.port: ${PORT}`],
  ['a port as text', 'servers: {}\nlisten: { port: "80" }', '2:17 listen.port: expected a port number, found text'],
  [
    'a host with a scheme',
    'servers: {}\nlisten: { allowedHosts: ["https://a"] }',
    '2:26 listen.allowedHosts[0]: must be a host name, with :port if needed, such as mcp.example.com',
  ],
  [
    'an origin with a path',
    'servers: {}\nlisten: { allowedOrigins: ["https://a/b"] }',
    '2:28 listen.allowedOrigins[0]: must be an origin without a path, such as https://app.example.com',
  ],
  [
    'an unknown log level',
    'servers: {}\nlog: { level: warning }',
    '2:15 log.level: expected "debug" or "info" or "warn" or "error", found "warning" (did you mean "warn"?)',
  ],
  [
    'a provider without a package',
    'servers: {}\nsecrets:\n  providers:\n    - with: {}\n',
    '4:7 secrets.providers[0]: missing key "use"',
  ],
  [
    'a variable in provider options',
    "servers: {}\nsecrets: { providers: [{ use: a, with: { b: '${C}' } }] }",
    '2:45 secrets.providers[0].with.b: variables in text are not filled in (write the value itself; a secret goes into env or headers as { secret: "env://NAME" })',
  ],
  ['a duplicate key', 'servers: {}\nlog: {}\nservers: {}\n', '3:1 servers: this key stands here twice'],
  [
    'a duplicate server',
    'servers:\n  a: { command: b }\n  a: { command: c }\n',
    '3:3 servers.a: this key stands here twice',
  ],
  ['the key __proto__', 'servers: {}\n__proto__: { a: 1 }\n', '2:1 __proto__: this name is reserved'],
  [
    'the key constructor',
    server('command: a', 'env: { constructor: b }'),
    '4:12 servers.one.env.constructor: this name is reserved',
  ],
  [
    'the key prototype in options',
    'servers: {}\nsecrets: { providers: [{ use: a, with: { prototype: {} } }] }',
    '2:42 secrets.providers[0].with.prototype: this name is reserved',
  ],
  ['an unknown alias', 'servers: *nothing\n', '1:10 servers: no anchor of this name stands before this alias'],
  [
    'a variable without quotes between braces',
    server('command: a', 'env: { A: ${TOKEN} }', 'timeout: 1s', 'required: true'),
    '4:16: this does not belong here: a quote or bracket before it may be missing',
  ],
  ['a tab', 'servers:\n\ta: { command: b }\n', '2:1: YAML is indented with spaces, not with tabs'],
  ['a tag', 'servers: !env {}\n', '1:10: tags are not supported'],
  ['two documents', 'servers: {}\n---\nservers: {}\n', '2:1: a configuration is one document'],
  ['a missing quote', 'servers: { a: { command: "b } }\n', '2:1: a quote, colon or bracket is missing'],
  [
    'a merge key',
    'a: &a { command: b }\nservers: { one: { <<: *a } }\n',
    '1:1 a: unknown key (known keys: $schema, servers, secrets, listen, log, shutdown)',
    '2:19 servers.one["<<"]: unknown key (known keys: type, command, args, env, cwd, url, headers, era, interactive, required, startTimeout, timeout, disabled)',
  ],
  ['a key that is a list', '? [a]\n: b\n', '1:3: a key must be text'],
];

describe('parseConfig, of a file with one problem', () => {
  it.each(BAD_FILES)('names the line and the reason: %s', (_, text, ...expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it('has all of its cases under different names', () => {
    expect(new Set(BAD_FILES.map(([name]) => name)).size).toBe(BAD_FILES.length);
  });
});

describe('parseConfig, of a file with many problems', () => {
  it('reports all of them, each on its line, in the order of the file', () => {
    const text = [
      'servers:',
      '  github:',
      '    comand: npx',
      '    env: { TOKEN: 7 }',
      '  bad name: { command: a }',
      '  web:',
      '    url: ftp://a',
      '  both: { command: a, url: "http://b" }',
      'listen:',
      '  port: x',
      '  prot: 1',
      'log: { level: loud }',
      'log: {}',
    ].join('\n');
    expect(problemsOf(text).map((line) => line.split(': ')[0])).toEqual([
      '3:5 servers.github.comand',
      '4:19 servers.github.env.TOKEN',
      '5:3 servers["bad name"]',
      '7:10 servers.web.url',
      '8:23 servers.both.url',
      '10:9 listen.port',
      '11:3 listen.prot',
      '12:15 log.level',
      '13:1 log',
    ]);
  });

  it('lists the first hundred and counts the rest', () => {
    const text = `servers: {}\n${Array.from({ length: 130 }, (_, index) => `unknown${index}: 1`).join('\n')}`;
    const lines = problemsOf(text);
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe('and 30 more');
  });

  it('never repeats a value of env or headers', () => {
    const secrets = ['s3cret-one', 's3cret-two', 's3cret-three', 's3cret-four', 's3cret-five'];
    const [one, two, three, four, five] = secrets;
    const broken = [
      server('command: a', `env: { A: [${one}], B: { secret: ${two} }, C: "\${${three}}" }`),
      server('url: http://a', `headers: { a: "${one}\\r", b: { secret: "env://A", format: ${four} } }`),
      server('command: a', `env: { A: "${five}" tail }`),
      server('command: a', `env: { A: "${five}`),
      server('command: a', `env: { A: @${five} }`),
      server(`url: https://user:${five}@a`),
    ];
    for (const text of broken) {
      const shown = problemsOf(text).join('\n');
      expect(shown).not.toBe('');
      for (const secret of secrets) expect(shown).not.toContain(secret);
    }
  });
});

describe('parseConfig, of a hostile file', () => {
  it('refuses an alias bomb', () => {
    const layers = 'abcdefghij'.split('');
    const lines = layers.map((name, index) => {
      const items = Array.from({ length: 10 }, () => (index === 0 ? 'x' : `*${layers[index - 1]}`));
      return `${name}: &${name} [${items.join(', ')}]`;
    });
    expect(problemsOf(lines.join('\n')).join()).toContain('with its aliases this file is too large');
  });

  it('refuses an alias inside its own anchor', () => {
    expect(problemsOf('servers: &a { a: *a, b: *a }').join()).toContain('this is nested too deeply');
  });

  it('allows aliases in moderation', () => {
    const text = 'servers:\n  a: &common { command: x }\n  b: *common\n';
    expect(parseConfig(text, FILE).plan.servers.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it.each([
    ['flow lists', '['.repeat(20_000)],
    ['block lists', '- '.repeat(20_000)],
    ['closed lists', `servers: ${'['.repeat(200)}${']'.repeat(200)}`],
  ])('refuses %s that are nested without end', (_, text) => {
    expect(problemsOf(text)).not.toEqual([]);
  });

  it('checks forty thousand keys without comparing each with each', { timeout: 20_000 }, () => {
    const text = `servers: {}\nlog:\n${Array.from({ length: 40_000 }, (_, index) => `  k${index}: 1`).join('\n')}`;
    expect(problemsOf(text).at(-1)).toBe('and 39900 more');
  });

  it('leaves the prototype of every object alone', () => {
    problemsOf('{"servers": {"__proto__": {"polluted": true}}}', '/a/hostler.json');
    problemsOf('{"__proto__": {"polluted": true}}', '/a/hostler.json');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('parseConfig, of JSON', () => {
  const json = (text: string): string[] => problemsOf(text, '/a/hostler.json');

  it.each([
    ['a plain word', '{ "servers": {}, "log": info }', '1:25: JSON needs double quotes around text and keys'],
    ['a key without quotes', '{ servers: {} }', '1:3: JSON needs double quotes around text and keys'],
    ['single quotes', "{ 'servers': {} }", '1:3: JSON needs double quotes around text and keys'],
    ['an alias', '{ "servers": &a {}, "log": *a }', '1:28: JSON has no aliases'],
    ['block style', 'servers:\n  a: 1\n', '1:1: JSON needs braces or brackets here'],
    [
      'a line break in text',
      '{ "servers": { "a": { "command": "x\n  y" } } }',
      '1:34: JSON text stands on one line: a quote is missing',
    ],
    [
      'a missing comma',
      '{ "servers": {}\n  "log": {} }',
      '2:3: this is not JSON: a comma, quote or bracket before it is missing',
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(json(text)[0]).toBe(expected);
  });

  it('keeps positions behind comments and finds duplicate keys', () => {
    const text = '{\n  /* one\n     two */ "servers": {}, // three "\n  "servers": {},\n}\n';
    expect(json(text)).toEqual(['4:3 servers: this key stands here twice']);
  });

  it('leaves comment marks inside text alone', () => {
    const text = '{ "servers": { "a": { "url": "https://a/*b*/c//d\\"//" } } }';
    expect(parseConfig(text, '/a/hostler.json').plan.servers[0]?.transport).toMatchObject({
      url: 'https://a/*b*/c//d"//',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { problemsOf } from '../test/support/problems-of.ts';

/** One server whose settings are the given lines. */
function server(...lines: string[]): string {
  return ['servers:', '  one:', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

const URL_WORDS = 'must be an http, https, ws or wss URL without user or password in it';
const refused = (name: string) =>
  `4:12 servers.one.env.${name}: this variable is refused: it makes the program load foreign code before it starts ` +
  `(if that is meant, add ${name} to allowEnv of this server)`;
const BARE = 'this is a secret reference written as plain text (write { secret: "…" } around it)';
const IN_ENV = 'give it to the program in env as { secret: "…" }';
const ENV_NAME = 'env:// is followed by the name of a variable: letters, digits and _, and no digit first';
const FILE_PATH = 'file:// is followed by a path: file:///run/secrets/name, or file://./name beside this file';
const LOCAL_NAME =
  'local:// is followed by a name of up to 128 letters, digits, _, -, . and /, such as local://github/token';
const NO_VAULT =
  'local:// needs secrets.local: the encrypted file it is read from (add local: {} below secrets for hostler.vault beside this file)';

const BAD_FILES: readonly (readonly [name: string, text: string, ...expected: string[]])[] = [
  [
    'references that can name nothing',
    server(
      'command: a',
      'env:',
      '  A: { secret: "env://not-a-name" }',
      '  B: { secret: "env://9LIVES" }',
      '  C: { secret: "file://run/secrets/c" }',
      '  D: { secret: "file://." }',
      '  E: { secret: "env://FINE#a.b" }',
      '  F: { secret: "file:///run/secrets/f#key" }',
      '  G: { secret: "local://" }',
    ),
    `5:20 servers.one.env.A.secret: ${ENV_NAME}`,
    `6:20 servers.one.env.B.secret: ${ENV_NAME}`,
    `7:20 servers.one.env.C.secret: ${FILE_PATH}`,
    `8:20 servers.one.env.D.secret: ${FILE_PATH}`,
    '11:20 servers.one.env.G.secret: must be a secret reference: scheme://rest, such as env://NAME',
  ],
  [
    'secrets of a vault that is not there',
    `${server('command: a', 'env: { A: { secret: "local://a" } }')}  two: { url: "https://b", headers: { k: { secret: "local://b" } } }\nsecrets: { providers: [{ use: x, with: { k: { secret: "local://c" } } }] }\n`,
    `4:25 servers.one.env.A.secret: ${NO_VAULT}`,
    `5:52 servers.two.headers.k.secret: ${NO_VAULT}`,
    `6:55 secrets.providers[0].with.k.secret: ${NO_VAULT}`,
  ],
  [
    'names that no vault has',
    `${server('command: a', 'env: { A: { secret: "local://a b" }, B: { secret: "local:///a" } }')}secrets: { local: {} }\n`,
    '4:25 servers.one.env.A.secret: must be a secret reference: scheme://rest, such as env://NAME',
    `4:55 servers.one.env.B.secret: ${LOCAL_NAME}`,
  ],
  [
    'a vault that is broken in another way',
    `${server('command: a', 'env: { A: { secret: "local://a" } }')}secrets: { local: { fil: x } }\n`,
    '5:21 secrets.local.fil: unknown key (did you mean "file"?)',
  ],
  [
    'keys of a vault from where they cannot come',
    'servers: {}\nsecrets:\n  local:\n    key: { secret: "gcp://p/key" }\n    oldKeys: [{ secret: "local://old" }, "base64:AAAA", { secret: "env://OLD", optional: true }]\n',
    '4:20 secrets.local.key.secret: the key of the encrypted file can only come from env:// or file://',
    '5:25 secrets.local.oldKeys[0].secret: the key of the encrypted file can only come from env:// or file://',
    '5:42 secrets.local.oldKeys[1]: expected a map: { secret: "env://NAME" }, found text',
    '5:80 secrets.local.oldKeys[2].optional: unknown key (known keys: secret, format)',
  ],
  [
    'settings of secrets that are none',
    'servers: {}\nsecrets:\n  refresh: 10ms\n  maxStale: 200h\n  timeout: 5\n  guard: { results: hide, arguments: true, all: off }\n',
    '3:12 secrets.refresh: expected 0s, or a duration such as 30s, 10m or 1h, from 1s to 168h',
    '4:13 secrets.maxStale: expected a duration such as 30s, 10m or 1h, from 0s to 168h',
    '5:12 secrets.timeout: expected a duration such as 500ms, 30s or 2m, found a number (a number has no unit: write 5s or 5ms)',
    '6:21 secrets.guard.results: expected "mask" or "refuse" or "off", found "hide"',
    '6:38 secrets.guard.arguments: expected "mask" or "refuse" or "off", found true or false',
    '6:44 secrets.guard.all: unknown key (known keys: results, arguments)',
  ],
  [
    'secrets in the options of a provider that it cannot have',
    [
      'servers: {}',
      'secrets:',
      '  providers:',
      '    - use: x',
      '      with:',
      '        token: { secret: "gcp://p/t" }',
      '        list: [{ secret: "hunter2" }, { secret: "env://a-b", format: "{}{}" }]',
      '        plain: aws://prod/x',
      '        secret: vault://y',
      '        fine: [{ deep: { secret: "file:///t" } }]',
      '        other: { secret: "not one", user: "me" }',
    ].join('\n'),
    '6:26 secrets.providers[0].with.token.secret: the options of a provider can only use env://, file:// and local:// (the others need a provider themselves)',
    '7:26 secrets.providers[0].with.list[0].secret: must be a secret reference: scheme://rest, such as env://NAME',
    `7:49 secrets.providers[0].with.list[1].secret: ${ENV_NAME}`,
    '7:62 secrets.providers[0].with.list[1].format: has no meaning here: the option is the secret as it is',
    `8:16 secrets.providers[0].with.plain: ${BARE}`,
    `9:17 secrets.providers[0].with.secret: ${BARE}`,
  ],
  [
    'a file or descriptor where there is no variable',
    `${server('url: https://a', 'headers: { k: { secret: "env://A", as: file } }', 'tls: { ca: { secret: "file:///c", as: fd } }')}  two: { command: a, env: { A: { secret: "env://A", as: pipe } } }\n`,
    '4:40 servers.one.headers.k.as: unknown key (only a variable in env can hold the path of a file)',
    '5:39 servers.one.tls.ca.as: unknown key (only a variable in env can hold the path of a file)',
    '6:57 servers.two.env.A.as: expected "env" or "file" or "fd", found "pipe" (did you mean "file"?)',
  ],
  [
    'secrets in a command line, a folder or a name',
    server(
      'command: env://CMD',
      'args: [--token=env://TOKEN, "op://vault/item", "postgres://db/x"]',
      'cwd: /srv/local://name',
      'env: { A: { secret: "op://vault/item" } }',
    ),
    `3:14 servers.one.command: a secret cannot be part of a path: anyone sees the names of files (${IN_ENV})`,
    `4:12 servers.one.args[0]: a secret cannot be an argument: every user of the machine sees it (${IN_ENV})`,
    `4:33 servers.one.args[1]: a secret cannot be an argument: every user of the machine sees it (${IN_ENV})`,
    `5:10 servers.one.cwd: a secret cannot be part of a path: anyone sees the names of files (${IN_ENV})`,
  ],
  [
    'secrets in URLs',
    'servers:\n  a: { url: "https://x/mcp?key=env://KEY" }\n  b: { url: "https://x/?k=env%3A%2F%2FKEY" }\n  c: { url: "env://URL" }\n  d: { url: "https://me:env%3A%2F%2FP@x" }\n',
    '2:13 servers.a.url: a secret cannot be part of a URL: logs and errors show URLs (send it in headers as { secret: "…" })',
    '3:13 servers.b.url: a secret cannot be part of a URL: logs and errors show URLs (send it in headers as { secret: "…" })',
    '4:13 servers.c.url: a secret cannot be a URL: write the address itself, and send the secret in headers as { secret: "…" }',
    `5:13 servers.d.url: ${URL_WORDS}`,
  ],
  [
    'secrets in names of files of Hostler itself',
    'servers: { a: { url: "https://x", socket: "/run/env://S" } }\nstate: { directory: "env://D" }\nlisten: { socket: "env://L" }\nsecrets: { local: { file: "gcp://p/f" }, providers: [{ use: "./env://M" }] }\n',
    ...[
      '1:43 servers.a.socket',
      '2:21 state.directory',
      '3:19 listen.socket',
      '4:27 secrets.local.file',
      '4:61 secrets.providers[0].use',
    ].map(
      (place) => `${place}: a secret cannot be part of a path: anyone sees the names of files (write the path itself)`,
    ),
  ],
  [
    'a reference inside the text of a header',
    server('url: https://a', 'headers: { authorization: "Bearer env://TOKEN" }'),
    '4:31 servers.one.headers.authorization: this is a secret reference inside plain text (write { secret: "…", format: "Bearer {}" })',
  ],
  [
    'allowed variables that are no names',
    server('command: a', 'allowEnv: [a-b, 7]', 'env: { LD_PRELOAD: b }') +
      '  two: { url: "https://a", allowEnv: [] }\n',
    '4:16 servers.one.allowEnv[0]: a variable name has letters, digits and _, and does not begin with a digit',
    '4:21 servers.one.allowEnv[1]: expected text, found a number (put it in quotes)',
    refused('LD_PRELOAD').replace('4:12', '5:12'),
    '6:28 servers.two.allowEnv: has no meaning for a server with url',
  ],
  [
    'a variable that loads code, of a server that is broken too',
    server('command: a', 'env: { LD_PRELOAD: b }', 'timeout: 5'),
    refused('LD_PRELOAD'),
    '5:14 servers.one.timeout: expected a duration such as 500ms, 30s or 2m, found a number (a number has no unit: write 5s or 5ms)',
  ],
];

describe('parseConfig, of a file with secrets where or as they cannot be', () => {
  it.each(BAD_FILES)('names the lines and the mend: %s', (_, text, ...expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });
});

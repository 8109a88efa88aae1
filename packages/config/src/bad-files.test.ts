import { describe, expect, it } from 'vitest';
import { FILE, problemsOf } from '../test/support/problems-of.ts';
import { parseConfig } from './parse.ts';

/** One server whose settings are the given lines. */
function server(...lines: string[]): string {
  return ['servers:', '  one:', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

const DURATION = 'expected a duration such as 500ms, 30s or 2m, from 1ms to 600s';
const NAME = 'a server name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit';
const URL_WORDS = 'must be an http, https, ws or wss URL without user or password in it';
const refused = (name: string) =>
  `4:12 servers.one.env.${name}: this variable is refused: it makes the program load foreign code before it starts ` +
  `(if that is meant, add ${name} to allowEnv of this server)`;
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
  [
    'patterns of kinds that do not exist',
    server('command: a', 'include: ["tools:x", "file:///*", ""]', 'exclude: [tool:, "*"]'),
    '4:15 servers.one.include[0]: must be a pattern such as read_*, tool:read_*, prompt:greet or resource:file:///*',
    '4:26 servers.one.include[1]: must be a pattern such as read_*, tool:read_*, prompt:greet or resource:file:///*',
    '4:39 servers.one.include[2]: must be a pattern such as read_*, tool:read_*, prompt:greet or resource:file:///*',
    '5:15 servers.one.exclude[0]: expected text, found a map',
  ],
  [
    'an argument with two rules, and one with none',
    server('command: a', 'tools: { push: { arguments: { force: { pin: false, hide: true }, x: {} } } }'),
    '4:35 servers.one.tools.push.arguments.force: has pin and hide at once (write one of pin, default and hide)',
    '4:70 servers.one.tools.push.arguments.x: changes nothing (write one of pin, default and hide)',
  ],
  [
    'changes that are none',
    server(
      'command: a',
      'tools: { push: { nam: y, name: "a b", title: "" } }',
      'prompts: { p: { annotations: {}, arguments: { a: { pin: 1 } } } }',
    ),
    '4:22 servers.one.tools.push.nam: unknown key (did you mean "name"?)',
    '4:36 servers.one.tools.push.name: must be a name of 1 to 128 letters, digits, _, - and .',
    '4:50 servers.one.tools.push.title: must not be empty or contain a NUL character',
    '5:21 servers.one.prompts.p.annotations: unknown key (known keys: name, title, description, arguments)',
    '5:61 servers.one.prompts.p.arguments.a.pin: expected text, found a number (put it in quotes)',
  ],
  [
    'folders that are none',
    server('command: a', 'roots: ["https://x", "~/data", "", "file://host/x", //host/share, { name: x }, 7]'),
    '4:13 servers.one.roots[0]: must be a folder: a path, or a URI that begins with file:///',
    '4:26 servers.one.roots[1]: must be a path: not empty, without NUL and not beginning with ~ (write the whole path)',
    '4:36 servers.one.roots[2]: must be a path: not empty, without NUL and not beginning with ~ (write the whole path)',
    '4:40 servers.one.roots[3]: must be a folder: a path, or a URI that begins with file:///',
    '4:57 servers.one.roots[4]: must be a folder of this machine',
    '4:71 servers.one.roots[5]: missing key "path"',
    '4:84 servers.one.roots[6]: expected a path or { path: …, name: … }, found a number (put it in quotes)',
  ],
  [
    'no folder at all',
    server('command: a', 'roots: []'),
    '4:5 servers.one.roots: must name at least one folder; leave roots out to limit nothing',
  ],
  [
    'the same folder twice',
    server('command: a', 'roots: [data, /etc/hostler/x/../data/, "file:///etc/hostler/data", other]'),
    '4:19 servers.one.roots[1]: this folder stands here twice',
    '4:44 servers.one.roots[2]: this folder stands here twice',
  ],
  [
    'paths that may lie anywhere',
    server('command: a', 'pathArguments: { open: [path] }'),
    '4:5 servers.one.pathArguments: has no meaning without roots (add roots: the folders in which these paths must lie)',
  ],
  [
    'tools without path arguments',
    server('command: a', 'roots: [x]', 'pathArguments: { open: [], list: path, "": [x], read: [""] }'),
    '5:22 servers.one.pathArguments.open: must name at least one argument',
    '5:38 servers.one.pathArguments.list: expected a list of arguments, found text',
    '5:44 servers.one.pathArguments[""]: must be the name of a tool, or * for every tool',
    '5:60 servers.one.pathArguments.read[0]: must be the name of an argument',
  ],
  [
    'groups that make no sense',
    'servers:\n  one: { command: x }\n  two: { command: x }\ngroups:\n  one: { servers: [two] }\n  g: { servers: [tow, two], weights: { one: 2 } }\n',
    '5:3 groups.one: is the name of a server too (give the group a name of its own)',
    '6:18 groups.g.servers[0]: there is no server "tow" (did you mean "two"?)',
    '6:23 groups.g.servers[1]: "two" is in group "one" already',
    '6:40 groups.g.weights.one: "one" is not among the servers of the group',
  ],
  [
    'a group of a server that is broken itself',
    'servers:\n  one: { command: x, timeout: 5 }\ngroups:\n  g: { servers: [one] }\n',
    '2:31 servers.one.timeout: expected a duration such as 500ms, 30s or 2m, found a number (a number has no unit: write 5s or 5ms)',
  ],
  [
    'a broken group beside another one',
    'servers:\n  one: { command: x }\ngroups:\n  g: { servers: [] }\n  h: { servers: [two] }\n',
    '4:8 groups.g.servers: must name at least one server',
    '5:18 groups.h.servers[0]: there is no server "two" (name one of the servers above)',
  ],
  ['an unknown key at the top', 'servers: {}\nsecret: {}\n', '2:1 secret: unknown key (did you mean "secrets"?)'],
  [
    'a key like none of ours',
    'servers: {}\nzebra: 1\n',
    '2:1 zebra: unknown key (docs/configuration.md lists the known keys)',
  ],
  ['the word of another program', server('cmd: npx'), '3:5 servers.one.cmd: unknown key (did you mean "command"?)'],
  [
    'the map of other programs under a slightly wrong name',
    'servers: {}\nmcpserver: {}\n',
    '2:1 mcpserver: unknown key (did you mean "servers"?)',
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
    'a type that does not go with the scheme',
    server('url: wss://a', 'type: sse'),
    '4:11 servers.one.type: type "sse" does not go with url (leave type out, it follows from command or url)',
  ],
  [
    'TLS for a URL without it',
    server('url: http://a', 'tls: { serverName: b }'),
    '4:5 servers.one.tls: has no meaning for a URL without TLS (begin it with https:// or wss://)',
  ],
  [
    'a certificate without a key',
    server('url: https://a', 'tls: { certificate: { secret: "file:///c" } }'),
    '4:12 servers.one.tls.certificate: needs "key" beside it',
  ],
  [
    'a path where a certificate belongs',
    server('url: https://a', 'tls: { ca: ./ca.pem }'),
    '4:16 servers.one.tls.ca: must be PEM text (-----BEGIN …) or { secret: "file:///…" }',
  ],
  [
    'verification turned off',
    server('url: https://a', 'tls: { verify: false }'),
    '4:12 servers.one.tls.verify: unknown key (known keys: ca, certificate, key, serverName)',
  ],
  [
    'a proxy with a password',
    server('url: https://a', 'proxy: http://b:c@d'),
    '4:12 servers.one.proxy: must be none, or the http:// or https:// URL of a proxy without user or password in it',
  ],
  [
    'a proxy and a socket',
    server('url: http://a', 'proxy: http://b', 'socket: c'),
    '4:5 servers.one.proxy: has no meaning beside socket',
  ],
  [
    'a proxy for a program',
    server('command: a', 'proxy: none'),
    '4:5 servers.one.proxy: has no meaning for a server with command',
  ],
  [
    'the modern era over HTTP+SSE',
    server('url: http://a/sse', 'era: modern'),
    '4:10 servers.one.era: HTTP+SSE belongs to the legacy era (leave era out)',
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
    '3:11 servers.one.type: expected "stdio" or "http" or "streamable-http" or "sse" or "websocket", found "htpt" (did you mean "http"?)',
  ],
  [
    'a token in the place of a word',
    server('command: a', `era: ${`ghp_${'a1'.repeat(18)}`}`),
    '4:10 servers.one.era: expected "auto" or "legacy" or "modern", found text',
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
    '4:12 servers.one.args[0]: expected text, found a map (a secret may stand only in env, headers, tls, oauth and keys)',
  ],
  [
    'a reference as an argument',
    server('command: a', 'args: ["env://A"]'),
    '4:12 servers.one.args[0]: a secret cannot be an argument: every user of the machine sees it (give it to the program in env as { secret: "…" })',
  ],
  [
    'a secret as a URL',
    server('url: { secret: "env://A" }'),
    '3:5 servers.one.url: expected text, found a map (a secret may stand only in env, headers, tls, oauth and keys)',
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
  ['a variable of the loader', server('command: a', 'env: { LD_PRELOAD: b }'), refused('LD_PRELOAD')],
  ['a variable in which a shell runs commands', server('command: a', 'env: { PS4: b }'), refused('PS4')],
  [
    'a variable of the loader of macOS',
    server('command: a', 'env: { DYLD_INSERT_LIBRARIES: b }'),
    refused('DYLD_INSERT_LIBRARIES'),
  ],
  ['a variable of Node', server('command: a', 'env: { NODE_OPTIONS: b }'), refused('NODE_OPTIONS')],
  ['a variable of Python', server('command: a', 'env: { PYTHONSTARTUP: b }'), refused('PYTHONSTARTUP')],
  ['a variable of the shell', server('command: a', 'env: { bash_env: b }'), refused('bash_env')],
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
    '4:12 servers.one.args[0]: variables in text are not filled in (write the value itself; a secret goes into env, headers or tls as { secret: "env://NAME" })',
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
  [
    'bounds that are none',
    server(
      'command: a',
      'limits: { running: 0, waiting: -1 }',
      'recycle: { idle: 10ms, lifetime: 200h }',
      'resources: { memory: 512, cpu: 1.5, openFiles: 1 }',
      'replay: maybe',
    ),
    '4:24 servers.one.limits.running: must be a whole number from 1 to 10000',
    '4:36 servers.one.limits.waiting: must be a whole number from 0 to 100000',
    '5:22 servers.one.recycle.idle: expected a duration such as 30s, 10m or 1h, from 1s to 168h',
    '5:38 servers.one.recycle.lifetime: expected a duration such as 30s, 10m or 1h, from 10s to 168h',
    '6:26 servers.one.resources.memory: expected a size such as 512MiB or 2GiB, found a number (a number has no unit: write 512MiB or 512GiB)',
    '6:36 servers.one.resources.cpu: expected a duration such as 500ms, 30s or 2m, found a number (a number has no unit: write 1.5s or 1.5ms)',
    '6:52 servers.one.resources.openFiles: must be a whole number from 16 to 10000000',
    '7:13 servers.one.replay: expected "never" or "safe" or "always", found "maybe"',
  ],
  [
    'a bound of memory without a unit that is known, and one that is too small',
    server('command: a', 'resources: { memory: 512MB }') + '  two: { command: a, resources: { memory: 10KiB } }\n',
    '4:26 servers.one.resources.memory: expected a size such as 512MiB or 2GiB',
    '5:43 servers.two.resources.memory: expected a size such as 512MiB or 2GiB, from 1MiB to 4096GiB',
  ],
  [
    'bounds on a process that is not ours',
    'servers:\n  two: { url: "http://a", resources: { cpu: 1s } }\n',
    '2:27 servers.two.resources: has no meaning for a server with url',
  ],
  [
    'a duration that is a number',
    server('command: a', 'timeout: 30'),
    '4:14 servers.one.timeout: expected a duration such as 500ms, 30s or 2m, found a number (a number has no unit: write 30s or 30ms)',
  ],
  ['a duration that is too long', server('command: a', 'timeout: 11m'), `4:14 servers.one.timeout: ${DURATION}`],
  ['a duration of nothing', server('command: a', 'startTimeout: 0s'), `4:19 servers.one.startTimeout: ${DURATION}`],
  [
    'a duration as a flag',
    server('command: a', 'timeout: true'),
    '4:14 servers.one.timeout: expected a duration such as 500ms, 30s or 2m, found true or false',
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
    '2:45 secrets.providers[0].with.b: variables in text are not filled in (write the value itself; a secret goes into env, headers or tls as { secret: "env://NAME" })',
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
    '1:1 a: unknown key (docs/configuration.md lists the known keys)',
    '2:19 servers.one["<<"]: unknown key (docs/configuration.md lists the known keys)',
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

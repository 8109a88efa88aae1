import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedServer } from '../schema/config-file.ts';
import { remoteTypeOf } from './remote-type.ts';

const STDIO_KEYS = ['args', 'env', 'allowEnv', 'cwd', 'resources'] as const;

const REMOTE_KEYS = ['headers', 'proxy', 'socket', 'tls', 'oauth'] as const;

/** Which keys of a server belong together. */
export function checkTransports({ servers }: CheckedConfig, problems: ProblemList): void {
  for (const [name, server] of Object.entries(servers)) checkTransport(name, server, problems);
}

function checkTransport(name: string, server: CheckedServer, problems: ProblemList): void {
  const path = ['servers', name];
  const { command, url, type } = server;
  if (command !== undefined && url !== undefined) {
    return problems.add([...path, 'url'], 'a server has either command or url, not both', { part: 'key' });
  }
  if (command === undefined && url === undefined) {
    const hint = 'command starts a program, url connects to a running server';
    return problems.add(path, 'missing key "command" or "url"', { hint, part: 'key' });
  }
  const isStdio = command !== undefined;
  if (type !== undefined && !typesFor(url).includes(type)) {
    problems.add([...path, 'type'], `type "${type}" does not go with ${isStdio ? 'command' : 'url'}`, {
      hint: 'leave type out, it follows from command or url',
    });
  }
  const foreign = (isStdio ? REMOTE_KEYS : STDIO_KEYS).filter((key) => server[key] !== undefined);
  for (const key of foreign) {
    problems.add([...path, key], `has no meaning for a server with ${isStdio ? 'command' : 'url'}`, { part: 'key' });
  }
  return undefined;
}

function typesFor(url: string | undefined): readonly string[] {
  if (url === undefined) return ['stdio'];
  return remoteTypeOf(url) === 'websocket' ? ['websocket'] : ['http', 'streamable-http', 'sse'];
}

/** A whole command line in `command`: the most frequent slip, and the program is then "not found". */
export function checkCommands({ servers }: CheckedConfig, problems: ProblemList): void {
  for (const [name, { command }] of Object.entries(servers)) {
    if (command === undefined || !/\s/.test(command) || /[/\\]/.test(command)) continue;
    const hint = 'put each argument into args';
    problems.add(['servers', name, 'command'], 'must be one program, without its arguments', { hint });
  }
}

/** Header names do not distinguish case (RFC 9110, section 5.1): two spellings are one header with two values. */
export function checkHeaderNames({ servers }: CheckedConfig, problems: ProblemList): void {
  for (const [name, { headers }] of Object.entries(servers)) {
    const seen = new Set<string>();
    for (const header of Object.keys(headers ?? {})) {
      const lower = header.toLowerCase();
      const path = ['servers', name, 'headers', header];
      if (seen.has(lower)) problems.add(path, 'this header stands here twice, in two spellings', { part: 'key' });
      seen.add(lower);
    }
  }
}

import { basename, dirname } from 'node:path';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { nearest } from '../../nearest.ts';
import { isOwnHeader } from '../../schema/setting.ts';
import { namesSecret } from '../../secret-names.ts';
import type { TranslationContext } from '../translation-context.ts';
import { fillBraces, namesInBraces, toSetting } from './braces.ts';
import { clientSecrets } from './client-secrets.ts';
import { toInclude, toPatterns, toRoots } from './client-lists.ts';

/** What is known of the client whose settings are translated. */
interface Client {
  readonly name: string;
  readonly references: ReadonlyMap<string, string>;
  readonly context: TranslationContext;
}

/** One client in our words. What has a wrong type is passed on, the checks report it. */
export function translateClient(name: string, entry: JsonObject, context: TranslationContext): JsonObject {
  const client: Client = { name, references: clientSecrets(name, entry, context), context };
  if (entry['server_path'] !== undefined && (entry['command'] !== undefined || entry['args'] !== undefined)) {
    const message = 'a client has either server_path or command, not both';
    context.problems.add(['servers', name, 'server_path'], message, { part: 'key' });
  }
  const server: Record<string, Json> = {};
  for (const [key, value] of Object.entries(entry)) {
    if (value === undefined || value === null) continue;
    const ours = RENAMED.get(key);
    if (ours !== undefined) renamePath(client, ours, key);
    Object.assign(server, translateKey(key, value, client));
  }
  return { ...server, ...toEnvironment(server, client) };
}

const RENAMED: ReadonlyMap<string, string> = new Map([
  ['server_path', 'cwd'],
  ['http_endpoint', 'url'],
  ['registration_timeout', 'startTimeout'],
  ['capabilities', 'include'],
]);

/** `transport_type` follows from the other keys, `name` and `description` are for people. */
const SILENT: ReadonlySet<string> = new Set(['client_id', 'description', 'gcp_secrets', 'name', 'transport_type']);

const NOT_USED: ReadonlyMap<string, string> = new Map([
  ['routing_weight', 'is not used: weights belong to groups, and Aurite did not use it either'],
]);

const KNOWN = [
  'args',
  'capabilities',
  'client_id',
  'command',
  'exclude',
  'gcp_secrets',
  'headers',
  'http_endpoint',
  'registration_timeout',
  'roots',
  'server_path',
  'timeout',
  'transport_type',
];

function translateKey(key: string, value: Json, client: Client): Readonly<Record<string, Json>> {
  switch (key) {
    case 'server_path':
      return typeof value === 'string' ? toPython(value, client) : { command: value };
    case 'command':
      return { command: value };
    case 'args':
      return {
        args: Array.isArray(value) ? value.map((argument: Json, index) => toArgument(argument, index, client)) : value,
      };
    case 'http_endpoint':
      return { url: typeof value === 'string' ? toUrl(value, client) : value };
    case 'headers':
      return { headers: toHeaders(value, client) };
    case 'timeout':
      return { timeout: toDuration(value) };
    case 'registration_timeout':
      return { startTimeout: toDuration(value) };
    case 'exclude':
      return { exclude: toPatterns(value) };
    case 'capabilities':
      return toInclude(value);
    case 'roots':
      return toRoots(client.name, value, client.context);
    default:
      if (!SILENT.has(key)) noteUnused(key, client);
      return {};
  }
}

function renamePath({ name, context: { paths } }: Client, ours: string, key: string): void {
  const path = ['servers', name];
  paths.set([...path, ours], [...paths.toFilePath(path), key]);
}

/** Aurite ran every script with `python`, in the folder of the script. */
function toPython(path: string, { name, context: { paths } }: Client): Readonly<Record<string, Json>> {
  const origin = [...paths.toFilePath(['servers', name]), 'server_path'];
  for (const key of ['command', 'args']) paths.set(['servers', name, key], origin);
  const folder = dirname(path);
  return { command: 'python', args: [basename(path)], ...(folder !== '.' && { cwd: folder }) };
}

/** Aurite put the values of variables, secrets among them, into arguments, where every user of the machine sees them. */
function toArgument(argument: Json, index: number, { name, references, context }: Client): Json {
  if (typeof argument !== 'string') return argument;
  const path = ['servers', name, 'args', index];
  const isSet = (variable: string): boolean => context.scope.environment[variable] !== undefined;
  for (const variable of namesInBraces(argument)) {
    if (references.has(variable) || namesSecret(variable)) {
      const hint = `let the program read ${variable} from its environment`;
      context.problems.add(path, 'a secret cannot be an argument: every user of the machine sees it', { hint });
    } else if (isSet(variable)) {
      const hint = `write the value itself, or let the program read ${variable} from its environment`;
      context.problems.add(path, `{${variable}} is not filled in: every user of the machine sees arguments`, { hint });
    } else {
      context.notes.add(path, `{${variable}} stays as it is: nothing is filled in here`);
    }
  }
  return argument;
}

function toUrl(url: string, { name, references, context }: Client): string {
  const { problems, scope } = context;
  const path = ['servers', name, 'url'];
  for (const variable of namesInBraces(url)) {
    if (references.has(variable) || namesSecret(variable)) {
      const hint = 'send it in headers as { secret: "…" }';
      problems.add(path, 'a secret cannot be part of a URL: logs and errors show URLs', { hint });
    } else if (scope.environment[variable] === undefined) {
      problems.add(path, `the variable ${variable} is not set`);
    } else {
      context.onFilledIn(path, variable);
      continue;
    }
    return UNRESOLVED;
  }
  return fillBraces(url, scope.environment);
}

/** Stands for what could not be filled in, so that the checks report nothing else about it. */
const UNRESOLVED = 'http://unresolved.invalid';

function toHeaders(headers: Json, { name, references, context }: Client): Json {
  if (!isJsonObject(headers)) return headers;
  const kept: [string, Json][] = [];
  for (const [header, value] of Object.entries(headers)) {
    const path = ['servers', name, 'headers', header];
    if (isOwnHeader(header)) {
      context.notes.add(path, 'is not used: Hostler writes this header itself', { part: 'key' });
      continue;
    }
    if (typeof value !== 'string') {
      if (value !== undefined) kept.push([header, value]);
      continue;
    }
    const setting = toSetting(value, (variable) => references.get(variable) ?? `env://${variable}`);
    if (setting === undefined) {
      context.problems.add(path, 'two variables in one value', { hint: 'join them in one variable' });
    } else kept.push([header, typeof setting === 'string' ? setting : { ...setting }]);
  }
  return Object.fromEntries(kept);
}

/** Seconds; numbers were written as text too. */
function toDuration(value: Json): Json {
  const seconds = typeof value === 'string' ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? `${Math.round(seconds * 1_000)}ms` : value;
}

/** Only a program has an environment. */
function toEnvironment(server: JsonObject, { name, references, context }: Client): JsonObject {
  if (references.size === 0) return {};
  if (server['command'] === undefined && server['url'] !== undefined) {
    if (JSON.stringify(server['headers'] ?? {}).includes('"gcp://')) return {};
    context.notes.add(['servers', name, 'gcp_secrets'], 'is not used: it has no meaning for this kind of server', {
      part: 'key',
    });
    return {};
  }
  return { env: Object.fromEntries([...references].map(([variable, secret]) => [variable, { secret }])) };
}

function noteUnused(key: string, { name, context: { notes } }: Client): void {
  const path = ['servers', name, key];
  const known = NOT_USED.get(key);
  if (known !== undefined) return notes.add(path, known, { part: 'key' });
  const guess = nearest(key, KNOWN);
  const hint = guess === undefined ? undefined : `did you mean "${guess}"?`;
  return notes.add(path, 'is not known and not used', { hint, part: 'key' });
}

import type { Json, JsonObject } from '@hostler/kernel';
import { nearest } from '../nearest.ts';
import { namesSecret } from '../secret-names.ts';
import type { Filled } from './fill-in.ts';
import { fillInText } from './fill-in.ts';
import { HTTP_ONLY, NOT_USED, RENAMED, SHARED, SPECIAL, STDIO_ONLY } from './foreign-keys.ts';
import type { TranslationContext } from './translation-context.ts';
import { translateEnvironment, translateHeaders } from './translate-settings.ts';

/** One server in our words. What has a wrong type is passed on, the checks report it. */
export function translateServer(name: string, entry: JsonObject, context: TranslationContext): JsonObject {
  const path = ['servers', name];
  const meaningless = keysOfOtherTransport(entry);
  const server: Record<string, Json> = {};
  for (const [key, value] of Object.entries(entry)) {
    if (value === undefined || value === null) continue;
    const ours = RENAMED.get(key);
    if (ours !== undefined) context.paths.set([...path, ours], [...context.paths.toFilePath(path), key]);
    if (meaningless.has(key)) noteMeaningless(name, key, value, context);
    else if (ours !== undefined || SHARED.has(key))
      server[ours ?? key] = translateValue(name, ours ?? key, value, context);
    else if (key === 'enabled') server['disabled'] = translateEnabled(name, value, context);
    else if (!SPECIAL.has(key)) noteUnused(name, key, context);
  }
  const hasVariables = ['env', 'envFile'].some((key) => Object.hasOwn(entry, key) && !meaningless.has(key));
  if (hasVariables) server['env'] = translateEnvironment(name, entry, context);
  return server;
}

function keysOfOtherTransport(entry: JsonObject): ReadonlySet<string> {
  const hasUrl = ['url', 'serverUrl', 'httpUrl'].some((key) => entry[key] !== undefined);
  const hasCommand = entry['command'] !== undefined;
  if (hasUrl === hasCommand) return new Set();
  return new Set(hasCommand ? HTTP_ONLY : STDIO_ONLY);
}

function noteMeaningless(name: string, key: string, value: Json, { notes }: TranslationContext): void {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  if (isEmpty) return;
  notes.add(['servers', name, key], 'is not used: it has no meaning for this kind of server', { part: 'key' });
}

function noteUnused(name: string, key: string, { notes }: TranslationContext): void {
  const path = ['servers', name, key];
  const known = NOT_USED.get(key);
  if (known !== undefined) return notes.add(path, known, { part: 'key' });
  const guess = nearest(key, [...SHARED, ...SPECIAL]);
  const hint = guess === undefined ? undefined : `did you mean "${guess}"?`;
  return notes.add(path, 'is not known and not used', { hint, part: 'key' });
}

function translateEnabled(name: string, value: Json, { paths }: TranslationContext): Json {
  paths.set(['servers', name, 'disabled'], [...paths.toFilePath(['servers', name]), 'enabled']);
  return typeof value === 'boolean' ? !value : value;
}

function translateValue(name: string, key: string, value: Json, context: TranslationContext): Json {
  switch (key) {
    case 'type':
      return TYPES.get(value) ?? value;
    case 'command':
    case 'cwd':
    case 'url':
      return translateText(['servers', name, key], value, context);
    case 'args':
      if (!Array.isArray(value)) return value;
      return value.map((item: Json, index) => translateText(['servers', name, key, index], item, context));
    case 'headers':
      return translateHeaders(name, value, context);
    case 'timeout':
    case 'startTimeout':
      return typeof value === 'number' ? `${value}ms` : value;
    default:
      return value;
  }
}

/** Other spellings: Cline's, and the usual ones for WebSocket. */
const TYPES: ReadonlyMap<Json, string> = new Map([
  ['streamableHttp', 'streamable-http'],
  ['ws', 'websocket'],
  ['webSocket', 'websocket'],
]);

function translateText(path: readonly (string | number)[], value: Json, context: TranslationContext): Json {
  if (typeof value !== 'string') return value;
  const filled: Filled<string> = fillInText(value, context.scope);
  if ('fault' in filled) {
    context.problems.add(path, filled.fault, { hint: filled.hint });
    return UNRESOLVED;
  }
  for (const variable of filled.used) {
    context.onFilledIn(path, variable);
    if (!namesSecret(variable)) continue;
    const hint = 'give it to the program in env, or send it in headers';
    context.notes.add(path, `the value of ${variable} stands here in clear`, { hint });
  }
  return filled.value;
}

/** Stands for what could not be filled in, so that the checks report nothing else about it. */
const UNRESOLVED = 'http://unresolved.invalid';

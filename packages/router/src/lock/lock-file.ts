import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { digestOf } from '@hostler/protocol';

/** The kinds of definitions that are approved; single resources come and go. */
export type LockedKind = 'tool' | 'prompt' | 'template';

/** What of a definition was approved. */
export interface LockedDefinition {
  readonly digest: string;
  /** What the digest is of: to show what has changed. */
  readonly definition: JsonObject;
}

export type LockedDefinitions = Readonly<Record<string, LockedDefinition>>;

/** What was approved of one server. */
export interface LockedServer {
  /** What it is, such as its command or URL; values of variables and headers are not in it. */
  readonly source: JsonObject;
  readonly instructions?: string;
  readonly tool: LockedDefinitions;
  readonly prompt: LockedDefinitions;
  readonly template: LockedDefinitions;
}

export interface LockFile {
  readonly servers: Readonly<Record<string, LockedServer>>;
}

/** Nothing was approved: everything is new. */
export const emptyLock: LockFile = { servers: {} };

export const LOCKED_KINDS: readonly LockedKind[] = ['tool', 'prompt', 'template'];

const VERSION = 1;
const MEMBERS: Readonly<Record<LockedKind, string>> = {
  tool: 'tools',
  prompt: 'prompts',
  template: 'resourceTemplates',
};

export function lockDefinition(definition: JsonObject): LockedDefinition {
  return { digest: `sha256:${digestOf(definition)}`, definition };
}

/** The same text for the same content, so that it can stand under version control. */
export function writeLock({ servers }: LockFile): string {
  const entries = Object.entries(servers).map(([name, server]): [string, Json] => [name, serverToJson(server)]);
  const content = { version: VERSION, servers: sorted(Object.fromEntries(entries)) };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function serverToJson({ source, instructions, ...kinds }: LockedServer): JsonObject {
  const lists = LOCKED_KINDS.filter((kind) => Object.keys(kinds[kind]).length > 0).map((kind): [string, Json] => [
    MEMBERS[kind],
    kinds[kind] as unknown as JsonObject,
  ]);
  return { source, ...(instructions !== undefined && { instructions }), ...Object.fromEntries(lists) };
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]));
}

/** @throws TypeError that says what is wrong with it */
export function readLock(text: string): LockFile {
  const value = parse(text);
  if (!isJsonObject(value)) throw new TypeError('it is no JSON object');
  if (value['version'] !== VERSION) throw new TypeError(`its version is not ${VERSION}`);
  const { servers } = value;
  if (!isJsonObject(servers)) throw new TypeError('it has no "servers"');
  return { servers: mapped(servers, (server, name) => readServer(server, name)) };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new TypeError('it is no valid JSON');
  }
}

function readServer(value: Json, name: string): LockedServer {
  const place = `servers.${name}`;
  if (!isJsonObject(value) || !isJsonObject(value['source'])) throw new TypeError(`${place} has no "source"`);
  const { source, instructions } = value;
  if (instructions !== undefined && typeof instructions !== 'string') {
    throw new TypeError(`${place}.instructions is no text`);
  }
  const read = (kind: LockedKind): LockedDefinitions =>
    readDefinitions(value[MEMBERS[kind]], `${place}.${MEMBERS[kind]}`);
  return {
    source,
    ...(instructions !== undefined && { instructions }),
    tool: read('tool'),
    prompt: read('prompt'),
    template: read('template'),
  };
}

function readDefinitions(value: Json | undefined, place: string): LockedDefinitions {
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw new TypeError(`${place} is no object`);
  return mapped(value, (entry, key) => {
    const { digest, definition } = isJsonObject(entry) ? entry : {};
    if (!isJsonObject(definition)) throw new TypeError(`${place}.${key} has no "definition"`);
    const locked = lockDefinition(definition);
    // One of the two was changed by hand, or two versions of the file were merged: nobody has approved that.
    if (locked.digest !== digest) throw new TypeError(`the digest of ${place}.${key} is not that of its definition`);
    return locked;
  });
}

function mapped<Value>(values: JsonObject, read: (value: Json, key: string) => Value): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([key, value = null]) => [key, read(value, key)]));
}

import { isJsonObject } from '@hostler/kernel';
import type { DriftGrade, Json, JsonObject } from '@hostler/kernel';
import { digestOf } from '@hostler/protocol';
import { LOCKED_KINDS } from './lock-file.ts';
import type { LockedDefinition, LockedDefinitions, LockedKind, LockedServer } from './lock-file.ts';

/** One way in which a server is not as it was approved. */
export interface Drift {
  readonly grade: DriftGrade;
  readonly server: string;
  /** Absent when it concerns the server itself or its instructions. */
  readonly kind?: LockedKind;
  readonly key?: string;
  /** The members that differ, such as `description`. */
  readonly members: readonly string[];
  /** Of a schema: whether callers have to send more than before, or may send more. */
  readonly direction?: 'narrowed' | 'widened';
  /** It is new under this name, and was approved under that one. */
  readonly renamedFrom?: string;
  /** What was approved, and what is offered: of the members that differ. */
  readonly approved?: JsonObject;
  readonly offered?: JsonObject;
}

/** Everything in which a server differs from what was approved of it. `approved` is undefined for one that is not in the lockfile. */
export function gradeDrift(server: string, approved: LockedServer | undefined, now: LockedServer): Drift[] {
  const before = approved ?? { source: now.source, tool: {}, prompt: {}, template: {} };
  return [
    ...(approved === undefined ? [newServer(server, now)] : sourceDrift(server, approved, now)),
    ...instructionsDrift(server, before, now),
    ...LOCKED_KINDS.flatMap((kind) => definitionDrift(server, kind, before[kind], now[kind])),
  ];
}

function newServer(server: string, { source }: LockedServer): Drift {
  return { grade: 'new', server, members: ['source'], offered: source };
}

/** What a server is: an approval is for this command or URL, not for a name. */
export function sourceDrift(
  server: string,
  approved: Pick<LockedServer, 'source'>,
  now: Pick<LockedServer, 'source'>,
): Drift[] {
  const members = changed(approved.source, now.source);
  if (members.length === 0) return [];
  return [{ grade: 'server', server, members, ...sides(approved.source, now.source, members) }];
}

export function instructionsDrift(
  server: string,
  approved: Pick<LockedServer, 'instructions'>,
  now: Pick<LockedServer, 'instructions'>,
): Drift[] {
  if (approved.instructions === now.instructions) return [];
  const of = ({ instructions }: Pick<LockedServer, 'instructions'>): JsonObject =>
    instructions === undefined ? {} : { instructions };
  return [{ grade: 'wording', server, members: ['instructions'], approved: of(approved), offered: of(now) }];
}

export function definitionDrift(
  server: string,
  kind: LockedKind,
  approved: LockedDefinitions,
  now: LockedDefinitions,
): Drift[] {
  const removed = Object.entries(approved).filter(([key]) => !Object.hasOwn(now, key));
  const added = Object.entries(now).filter(([key]) => !Object.hasOwn(approved, key));
  const kept = Object.entries(now).flatMap(([key, { digest, definition }]) => {
    const before = Object.hasOwn(approved, key) ? approved[key] : undefined;
    if (before === undefined || before.digest === digest) return [];
    return gradeChange({ server, kind, key }, before.definition, definition);
  });
  const formerName = renamesOf(removed);
  return [
    ...kept,
    ...added.map(([key, { definition }]): Drift => {
      const former = formerName(definition);
      const renamed = former === undefined ? {} : { renamedFrom: former };
      return { grade: 'new', server, kind, key, members: [], offered: definition, ...renamed };
    }),
    ...removed.map(([key, { definition }]): Drift => ({
      grade: 'removed',
      server,
      kind,
      key,
      members: [],
      approved: definition,
    })),
  ];
}

/** Members in lower case: see `readMeant`. */
const GRADES: readonly (readonly [grade: DriftGrade, members: ReadonlySet<string>])[] = [
  ['schema', new Set(['inputschema', 'outputschema', 'arguments', 'uritemplate', 'mimetype'])],
  ['hints', new Set(['annotations'])],
  ['wording', new Set(['name', 'title', 'description'])],
];

type Subject = Required<Pick<Drift, 'server' | 'kind' | 'key'>>;

/** One for each grade: a schema that changed along with its description is both. */
function gradeChange(subject: Subject, approved: JsonObject, offered: JsonObject): Drift[] {
  const all = changed(approved, offered);
  return GRADES.flatMap(([grade, fitting]): Drift[] => {
    const members = all.filter((member) => fitting.has(member.toLowerCase()));
    if (members.length === 0) return [];
    const direction = members.includes('inputSchema')
      ? directionOf(approved['inputSchema'], offered['inputSchema'])
      : undefined;
    return [{ grade, ...subject, members, ...(direction && { direction }), ...sides(approved, offered, members) }];
  });
}

function changed(one: JsonObject, other: JsonObject): string[] {
  const members = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...members].filter((member) => digestOf(one[member] ?? null) !== digestOf(other[member] ?? null)).sort();
}

function sides(
  approved: JsonObject,
  offered: JsonObject,
  members: readonly string[],
): Pick<Drift, 'approved' | 'offered'> {
  return { approved: part(approved, members), offered: part(offered, members) };
}

function part(value: JsonObject, members: readonly string[]): JsonObject {
  return Object.fromEntries(
    members.flatMap((member): [string, Json][] => {
      const inner = value[member];
      return inner === undefined ? [] : [[member, inner]];
    }),
  );
}

/** By the arguments alone, where nothing else of them has changed. */
function directionOf(approved: Json | undefined, offered: Json | undefined): Drift['direction'] {
  const [before, now] = [argumentsOf(approved), argumentsOf(offered)];
  if (now.required.some((name) => !before.required.includes(name))) return 'narrowed';
  if (before.names.some((name) => !now.names.includes(name))) return 'narrowed';
  const isWider = now.names.length > before.names.length || now.required.length < before.required.length;
  return isWider ? 'widened' : undefined;
}

function argumentsOf(schema: Json | undefined): { names: readonly string[]; required: readonly Json[] } {
  if (!isJsonObject(schema)) return { names: [], required: [] };
  const { properties, required } = schema;
  return {
    names: isJsonObject(properties) ? Object.keys(properties) : [],
    required: Array.isArray(required) ? (required as readonly Json[]) : [],
  };
}

type Named = readonly [key: string, locked: LockedDefinition];

/**
 * Under which name a definition was approved that is the same but for its name, or has the same arguments, of which there
 * are some. Each is looked at once: a server may rename thousands at a time.
 */
function renamesOf(removed: readonly Named[]): (offered: JsonObject) => string | undefined {
  // Of those that are alike the first one stays.
  const former = new Map(
    removed
      .toReversed()
      .flatMap(([key, { definition }]) => likenessesOf(definition).map((text) => [text, key] as const)),
  );
  return (offered) => likenessesOf(offered).flatMap((text) => former.get(text) ?? [])[0];
}

/** What it shares with the same definition under another name: the closer likeness first. */
function likenessesOf(definition: JsonObject): readonly string[] {
  const schema = definition['inputSchema'] ?? definition['arguments'];
  const isTelling = argumentsOf(definition['inputSchema']).names.length > 0 || Array.isArray(definition['arguments']);
  return [`whole ${digestOf(nameless(definition))}`, ...(isTelling ? [`arguments ${digestOf(schema ?? null)}`] : [])];
}

function nameless(definition: JsonObject): JsonObject {
  const { name: _, title: __, uriTemplate: ___, ...rest } = definition;
  return rest;
}

import { nearest } from '../nearest.ts';
import type { Path } from '../path.ts';
import type { ProblemList, ProblemOptions } from '../problem.ts';

/** The parts of a valibot schema that lead to its keys. */
export interface SchemaShape {
  readonly type: string;
  readonly message?: unknown;
  readonly entries?: Readonly<Record<string, SchemaShape>>;
  readonly value?: SchemaShape;
  readonly item?: SchemaShape;
  readonly wrapped?: SchemaShape;
  readonly options?: readonly unknown[];
}

/**
 * Reports what valibot does not: it takes a list for a map with the keys 0, 1, 2, and it stops at the first unknown key
 * of a map, where a person wants to see all of them, each with a suggestion.
 * @returns the paths of lists in the places of maps.
 */
export function checkMaps(schema: SchemaShape, value: unknown, path: Path, problems: ProblemList): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const map = schemaOfMap(schema);
  if (Array.isArray(value)) {
    const item = schema.item ?? optionsOf(schema).find((option) => option.item)?.item;
    if (item) return value.flatMap((entry, index) => checkMaps(item, entry, [...path, index], problems));
    if (map === undefined) return [];
    problems.add(path, `expected ${String(schema.message)}, found a list`);
    return [path];
  }
  if (map === undefined) return [];
  return Object.entries(value).flatMap(([key, entry]) => {
    const next = map.entries ? ownEntry(map.entries, key) : map.value;
    if (next) return checkMaps(next, entry, [...path, key], problems);
    reportUnknown([...path, key], Object.keys(map.entries ?? {}), problems);
    return [];
  });
}

function reportUnknown(path: Path, known: readonly string[], problems: ProblemList): void {
  const guess = meant(String(path.at(-1)), known) ?? nearest(String(path.at(-1)), known);
  if (path.at(-1) === 'as' && known.includes('secret')) return problems.add(path, 'unknown key', AS_ELSEWHERE);
  const hint = guess === undefined ? listing(known) : `did you mean "${guess}"?`;
  return problems.add(path, 'unknown key', { hint, part: 'key' });
}

/** How a secret is delivered is a question for the variables of a process alone. */
const AS_ELSEWHERE: ProblemOptions = { hint: 'only a variable in env can hold the path of a file', part: 'key' };

/** Words that other programs, and people, use for ours, and that look like none of them. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  arguments: 'args',
  baseurl: 'url',
  bin: 'command',
  cmd: 'command',
  directory: 'cwd',
  enabled: 'disabled',
  endpoint: 'url',
  environment: 'env',
  exec: 'command',
  executable: 'command',
  mcp: 'servers',
  mcpserver: 'servers',
  mcpservers: 'servers',
  params: 'args',
  program: 'command',
  transport: 'type',
  uri: 'url',
  variables: 'env',
  workdir: 'cwd',
  workingdirectory: 'cwd',
};

function meant(word: string, known: readonly string[]): string | undefined {
  const plain = word.toLowerCase().replaceAll(/[-_]/g, '');
  const ours = Object.hasOwn(OTHER_WORDS, plain) ? OTHER_WORDS[plain] : undefined;
  return ours !== undefined && known.includes(ours) ? ours : undefined;
}

function ownEntry(entries: Readonly<Record<string, SchemaShape>>, key: string): SchemaShape | undefined {
  const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
  return entry?.wrapped ?? entry;
}

function schemaOfMap(schema: SchemaShape): SchemaShape | undefined {
  if (schema.entries || schema.type === 'record') return schema;
  return optionsOf(schema).find((option) => option.entries ?? option.type === 'record');
}

function optionsOf({ options = [] }: SchemaShape): readonly SchemaShape[] {
  return (options as readonly SchemaShape[]).filter((option) => typeof option === 'object');
}

/** A long list helps nobody: the reference has all keys with their meaning. */
function listing(known: readonly string[]): string {
  return known.length <= MOST_LISTED ? `known keys: ${known.join(', ')}` : 'docs/configuration.md lists the known keys';
}

const MOST_LISTED = 6;

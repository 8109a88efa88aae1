import * as v from 'valibot';
import { isJsonObject } from '@hostler/kernel';
import { nearest } from '../nearest.ts';
import type { Path } from '../path.ts';
import type { ProblemList, ProblemOptions } from '../problem.ts';
import { holdsToken, isHostlerKey, KEY_IN_CLEAR } from '../token-shapes.ts';
import { checkMaps } from './check-maps.ts';
import { configSchema } from './config-file.ts';
import type { CheckedConfig } from './config-file.ts';

/**
 * Checks a value against the schema and reports everything that does not fit.
 * @returns the parts that do fit, defaults filled in, so that the later checks can report on them in the same run.
 */
export function checkShape(value: unknown, problems: ProblemList): CheckedConfig {
  const lists = checkMaps(configSchema, value, [], problems);
  const checked = v.safeParse(configSchema, value);
  if (checked.success && lists.length === 0) return checked.output;
  const issues = (checked.issues ?? [])
    .flatMap((issue) => deepest(issue))
    .filter(({ path }) => !lists.some((list) => list.every((step, index) => step === path[index])));
  const seen = new Set<string>();
  for (const issue of issues) {
    // One reason per value is enough; the checks of a value are ordered from coarse to fine.
    const place = JSON.stringify(issue.path);
    if (!seen.has(place)) report(issue, value, problems);
    seen.add(place);
  }
  const sound = v.safeParse(configSchema, withoutBroken(value, [...lists, ...issues.map(({ path }) => path)]));
  return sound.success ? sound.output : v.parse(configSchema, { servers: {} });
}

type Issue = v.BaseIssue<unknown>;

interface LocatedIssue {
  readonly issue: Issue;
  readonly path: Path;
}

/** Of a union (text or map, list or map), the issues of the option that was meant: those that lie deeper than the union itself. */
function deepest(issue: Issue, above: Path = []): LocatedIssue[] {
  const path = [...above, ...(issue.path ?? []).map(({ key }) => key as string | number)];
  const inner = (issue.issues ?? []).filter(
    // A map takes a list too, and has other words for it.
    ({ path: inside }) => inside !== undefined && (inside[0].type === 'array') === Array.isArray(issue.input),
  );
  if (issue.type !== 'union' || inner.length === 0) return [{ issue, path }];
  return inner.flatMap((candidate) => deepest(candidate, path));
}

function report({ issue, path }: LocatedIssue, value: unknown, problems: ProblemList): void {
  const isKey = issue.path?.at(-1)?.origin === 'key';
  const part: ProblemOptions = isKey ? { part: 'key' } : {};
  if (issue.kind === 'validation') return problems.add(path, issue.message, { ...part, hint: keyHint(issue) });
  if (issue.expected === 'never') return undefined; // an unknown key: reported with all others of its kind
  if (isKey) return problems.add(path.slice(0, -1), `missing key "${String(path.at(-1))}"`, part);
  const expected = issue.type === 'picklist' ? oneOf(issue) : issue.message;
  const hint = hintFor(issue);
  return problems.add(path, `expected ${expected}, found ${describe(issue, value)}`, { ...part, hint });
}

function oneOf(issue: Issue): string {
  return issue.expected?.replaceAll(/[()]/g, '').replaceAll(' | ', ' or ') ?? '';
}

function describe({ input, type }: Issue, top: unknown): string {
  if (input === null || input === undefined) return input === top ? 'an empty file' : 'nothing';
  if (typeof input === 'string') {
    return type === 'picklist' && !holdsToken(input) ? JSON.stringify(input.slice(0, 40)) : 'text';
  }
  if (typeof input === 'number') return 'a number';
  if (typeof input === 'boolean') return 'true or false';
  return Array.isArray(input) ? 'a list' : 'a map';
}

/** Only durations speak of durations, only sizes of sizes, and only rates of rates. */
const UNITS: readonly (readonly [what: string, examples: (value: number) => string])[] = [
  ['a duration', (value) => `${value}s or ${value}ms`],
  ['a size', (value) => `${value}MiB or ${value}GiB`],
  ['a rate', (value) => `${value}/s or ${value}/min`],
];

/** The key of a consumer may be wherever its owner took its place to be. */
function keyHint({ input }: Issue): string | undefined {
  return typeof input === 'string' && isHostlerKey(input) ? KEY_IN_CLEAR : undefined;
}

function hintFor(issue: Issue): string | undefined {
  return keyHint(issue) ?? hintForType(issue);
}

function hintForType({ input, expected, type, message }: Issue): string | undefined {
  if (type === 'picklist' && typeof input === 'string') {
    const guess = nearest(input, (expected?.match(/[\w+-]+/g) ?? []) as string[]);
    return guess === undefined ? undefined : `did you mean "${guess}"?`;
  }
  const units = UNITS.find(([what]) => message.startsWith(what));
  if (units) return typeof input === 'number' ? `a number has no unit: write ${units[1](input)}` : undefined;
  const isSecretUse = typeof input === 'object' && input !== null && 'secret' in input;
  if (isSecretUse) return 'a secret may stand only in env, headers, tls, oauth and keys';
  return wantsQuotes({ input, expected, message }) ? 'put it in quotes' : undefined;
}

function wantsQuotes({ input, expected, message }: Pick<Issue, 'input' | 'expected' | 'message'>): boolean {
  if (typeof input !== 'number' && typeof input !== 'boolean') return false;
  // A number in quotes is no date either.
  return (expected === 'string' || expected === '(string | Object)') && !message.startsWith('a date');
}

const NAMED_SECTIONS = ['servers', 'groups', 'consumers', 'bundles', 'roles'] as const;

/** Drops each server, group, consumer, bundle and role, or else each top-level key, that is broken. */
function withoutBroken(value: unknown, broken: readonly Path[]): unknown {
  if (!isJsonObject(value)) return { servers: {} };
  const sections: Record<string, unknown> = { servers: {}, ...value };
  for (const section of NAMED_SECTIONS) {
    const named = value[section];
    if (isJsonObject(named)) sections[section] = { ...named };
  }
  for (const [section, name] of broken) {
    const named = NAMED_SECTIONS.some((known) => known === section) ? sections[String(section)] : undefined;
    if (name !== undefined && isJsonObject(named)) Reflect.deleteProperty(named, String(name));
    else if (section !== undefined) delete sections[section];
  }
  return { ...sections, servers: isJsonObject(sections['servers']) ? sections['servers'] : {} };
}

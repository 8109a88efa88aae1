import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';
import type { Lock } from '@hostler/runtime';
import type { Output } from '../../output.ts';
import { spelledOut } from '../../text/printable.ts';

type Drift = ReturnType<Lock['drift']>[number];

const KIND_WORDS = { tool: 'tool', prompt: 'prompt', template: 'resource template' } as const;

/** Everything that differs, by server, as a person reads it: hidden characters are spelled out. */
export function driftLines(drifts: readonly Drift[], paint: Output['paint']): string[] {
  const servers = Map.groupBy(drifts, ({ server }) => server);
  return [...servers].flatMap(([server, own]) => [
    paint('bold', server),
    ...own.flatMap((drift) => [`  ${headOf(drift, paint)}`, ...bodyOf(drift, paint).map((line) => `      ${line}`)]),
  ]);
}

function headOf({ grade, kind, key, members, direction, renamedFrom }: Drift, paint: Output['paint']): string {
  const subject = kind === undefined ? subjectOf(grade, members) : `${KIND_WORDS[kind]} ${spelledOut(key ?? '')}`;
  if (grade === 'removed') return `${paint('red', '-')} ${subject} is gone`;
  if (grade === 'new') {
    const before = renamedFrom === undefined ? 'is new' : `is new, and was approved as ${spelledOut(renamedFrom)}`;
    return `${paint('green', '+')} ${subject} ${before}`;
  }
  const more = direction === undefined ? '' : ` (${direction})`;
  return `${paint('yellow', '~')} ${subject}: ${grade}${more}`;
}

function subjectOf(grade: Drift['grade'], members: readonly string[]): string {
  return grade === 'wording' ? members.join(', ') : 'the server itself';
}

function bodyOf({ grade, kind, approved, offered }: Drift, paint: Output['paint']): string[] {
  if (grade === 'removed') return [];
  if (grade === 'new' && kind !== undefined) {
    const { description = '' } = offered ?? {};
    return description === '' ? [] : [paint('dim', shown(description))];
  }
  return changesOf(approved, offered, '').flatMap(({ path, from, to }) => [
    `${path}:`,
    ...(from === undefined ? [] : [paint('red', `- ${shown(from)}`)]),
    ...(to === undefined ? [] : [paint('green', `+ ${shown(to)}`)]),
  ]);
}

interface Change {
  readonly path: string;
  readonly from: Json | undefined;
  readonly to: Json | undefined;
}

/** The innermost members that differ. */
function changesOf(from: Json | undefined, to: Json | undefined, path: string): Change[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  if (!isJsonObject(from) || !isJsonObject(to)) return [{ path: spelledOut(path), from, to }];
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return keys.flatMap((key) => changesOf(from[key], to[key], path === '' ? key : `${path}.${key}`));
}

function shown(value: Json): string {
  const text = spelledOut(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}… (${text.length} characters)` : text;
}

/** Whoever approves has to have seen it; whoever floods the screen is cut. */
const MOST_SHOWN = 4_096;

import { relative } from 'node:path';
import { formatProblems } from '@hostler/config';
import type { ConfigProblem } from '@hostler/config';
import { isHostlerError, isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';

/** The path as a person in this folder would write it. */
export function shownPath(path: string, workingDirectory: string): string {
  const shown = relative(workingDirectory, path);
  return shown === '' || shown.startsWith('..') ? path : shown;
}

/** Every problem on a line of its own, with paths that lead from the working directory. */
export function problemLines(source: unknown, workingDirectory: string): string[] {
  const problems = problemsOf(source);
  if (problems === undefined) return formatProblems(source).split('\n');
  const shown = problems.map((problem) => ({ ...problem, file: shownPath(problem.file, workingDirectory) }));
  const text = formatProblems(shown);
  const count = isHostlerError(source) ? source.details['count'] : undefined;
  const hidden = typeof count === 'number' ? count - shown.length : 0;
  return [...(text === '' ? [] : text.split('\n')), ...(hidden > 0 ? [`and ${hidden} more`] : [])];
}

/** The problems inside a CONFIG_INVALID, or a list of notes as it is. */
export function problemsOf(source: unknown): readonly ConfigProblem[] | undefined {
  if (Array.isArray(source)) return source as readonly ConfigProblem[];
  if (!isHostlerError(source)) return undefined;
  const { problems } = source.details;
  return Array.isArray(problems) ? problems.filter(isProblem) : undefined;
}

function isProblem(value: Json): value is Json & ConfigProblem {
  return isJsonObject(value) && typeof value['file'] === 'string' && typeof value['message'] === 'string';
}

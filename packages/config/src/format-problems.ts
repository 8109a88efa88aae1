import { isHostlerError, isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import type { ConfigProblem } from './problem.ts';

/**
 * One line per problem for a terminal: `file:line:column path: message (hint)`. Takes an error of this package, or
 * notes; any other error becomes its message.
 */
export function formatProblems(source: unknown): string {
  if (Array.isArray(source)) return source.map((problem: ConfigProblem) => formatProblem(problem)).join('\n');
  if (!isHostlerError(source)) return source instanceof Error ? source.message : String(source);
  const { problems, file, count } = source.details;
  if (!Array.isArray(problems)) return typeof file === 'string' ? `${file}: ${source.message}` : source.message;
  const lines = problems.filter(isProblem).map(formatProblem);
  const hidden = typeof count === 'number' ? count - lines.length : 0;
  if (hidden > 0) lines.push(`and ${hidden} more`);
  return lines.join('\n');
}

function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  return problem.path === '' ? `${place}: ${formatNote(problem)}` : `${place} ${formatNote(problem)}`;
}

/** One problem without its place in the file. */
export function formatNote({ path, message, hint }: ConfigProblem): string {
  return `${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
}

function isProblem(value: Json): value is ConfigProblem & JsonObject {
  return isJsonObject(value) && typeof value['file'] === 'string' && typeof value['message'] === 'string';
}

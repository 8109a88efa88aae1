import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';

const PLACEHOLDER = /\$\{[^}]*\}/;

/** Schemes that only a secret has: as plain text they would reach a program as they are, which nobody wants. */
const SECRET_REFERENCE = /^(?:env|gcp|aws|vault):\/\/\S+$/;

/**
 * Refuses text that was meant to be filled in. There is no interpolation: it would need escaping, turns a missing
 * variable into an empty string and ends in command lines.
 */
export function checkText(value: unknown, problems: ProblemList, path: Path = []): void {
  if (typeof value === 'string') return checkString(value, problems, path);
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return value.forEach((entry, index) => checkText(entry, problems, [...path, index]));
  for (const [key, entry] of Object.entries(value)) checkText(entry, problems, [...path, key]);
  return undefined;
}

function checkString(text: string, problems: ProblemList, path: Path): void {
  const takesSecret = path[0] === 'servers' && path.length === 4 && ['env', 'headers', 'tls'].includes(String(path[2]));
  if (PLACEHOLDER.test(text)) {
    const hint = takesSecret ? secretHint(text) : PLAIN_HINT;
    return problems.add(path, 'variables in text are not filled in', { hint });
  }
  if (path[0] !== 'servers' || !SECRET_REFERENCE.test(text)) return undefined;
  if (takesSecret) {
    return problems.add(path, 'this is a secret reference written as plain text', {
      hint: 'write { secret: "…" } around it',
    });
  }
  if (path[2] !== 'args' || path.length !== 4) return undefined;
  return problems.add(path, 'a secret cannot be an argument: every user of the machine sees it', {
    hint: 'give it to the program in env as { secret: "…" }',
  });
}

const PLAIN_HINT = 'write the value itself; a secret goes into env, headers or tls as { secret: "env://NAME" }';

/** Names nothing of the text itself: a password may contain what looks like a variable. */
function secretHint(text: string): string {
  const isWhole = /^\$\{[^}]*\}$/.test(text);
  return isWhole ? 'write { secret: "env://NAME" }' : 'write { secret: "env://NAME", format: "Bearer {}" }';
}

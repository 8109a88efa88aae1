import type { Path } from '../path.ts';
import type { ProblemList, ProblemOptions } from '../problem.ts';
import { isBareReference, referencePattern } from '../secret-reference.ts';

const PLACEHOLDER = /\$\{[^}]*\}/;

/**
 * Refuses text that was meant to be filled in. There is no interpolation: it would need escaping, turns a missing
 * variable into an empty string and ends in command lines.
 */
export function checkText(value: unknown, problems: ProblemList): void {
  const texts = textsIn(value, []);
  const references = texts.filter(({ path }) => path[0] === 'servers' && path[4] === 'secret');
  const pattern = referencePattern(references.map(({ text }) => text));
  for (const { path, text } of texts) checkString(text, path, { pattern, problems });
}

interface PlacedText {
  readonly path: Path;
  readonly text: string;
}

function textsIn(value: unknown, path: Path): readonly PlacedText[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((entry, index) => textsIn(entry, [...path, index]));
  return Object.entries(value).flatMap(([key, entry]) => textsIn(entry, [...path, key]));
}

interface Check {
  /** Finds references. */
  readonly pattern: RegExp;
  readonly problems: ProblemList;
}

function checkString(text: string, path: Path, { pattern, problems }: Check): void {
  const takesSecret = path[0] === 'servers' && path.length === 4 && ['env', 'headers', 'tls'].includes(String(path[2]));
  if (PLACEHOLDER.test(text)) {
    const otherwise = path[0] === 'consumers' ? KEY_HINT : PLAIN_HINT;
    const hint = takesSecret ? secretHint(text) : otherwise;
    return problems.add(path, 'variables in text are not filled in', { hint });
  }
  if (takesSecret && isBareReference(text)) {
    const hint = 'write { secret: "…" } around it';
    return problems.add(path, 'this is a secret reference written as plain text', { hint });
  }
  const refusal = refusalAt(path);
  if (refusal === undefined || !(pattern.test(text) || pattern.test(decoded(text)))) return undefined;
  // A URL that is none is reported for that.
  if (path[2] === 'url' && !isPlainUrl(text)) return undefined;
  return problems.add(path, refusal.message, { hint: refusal.hint });
}

const PLAIN_HINT = 'write the value itself; a secret goes into env, headers or tls as { secret: "env://NAME" }';

const KEY_HINT = 'write the value itself; a key may be { secret: "env://NAME" }';

/** Names nothing of the text itself: a password may contain what looks like a variable. */
function secretHint(text: string): string {
  const isWhole = /^\$\{[^}]*\}$/.test(text);
  return isWhole ? 'write { secret: "env://NAME" }' : 'write { secret: "env://NAME", format: "Bearer {}" }';
}

interface Refusal extends Required<Pick<ProblemOptions, 'hint'>> {
  readonly message: string;
}

const IN_ENV = 'give it to the program in env as { secret: "…" }';

const ARGUMENT: Refusal = {
  message: 'a secret cannot be an argument: every user of the machine sees it',
  hint: IN_ENV,
};
const NAME: Refusal = { message: 'a secret cannot be part of a path: anyone sees the names of files', hint: IN_ENV };
const OWN_NAME: Refusal = { ...NAME, hint: 'write the path itself' };
const ADDRESS: Refusal = {
  message: 'a secret cannot be part of a URL: logs and errors show URLs',
  hint: 'send it in headers as { secret: "…" }',
};
const HEADER: Refusal = {
  message: 'this is a secret reference inside plain text',
  hint: 'write { secret: "…", format: "Bearer {}" }',
};

/** What is said of a reference at places that cannot have one; undefined at all others. */
function refusalAt(path: Path): Refusal | undefined {
  const [section, , key] = path;
  if (section !== 'servers')
    return OWN_PATHS.has(path.filter((step) => typeof step === 'string').join('.')) ? OWN_NAME : undefined;
  if (path.length === 4 && key === 'args') return ARGUMENT;
  if (path.length === 4 && key === 'headers') return HEADER;
  if (path.length !== 3) return undefined;
  if (key === 'url') return ADDRESS;
  if (key === 'socket') return OWN_NAME;
  return key === 'command' || key === 'cwd' ? NAME : undefined;
}

const OWN_PATHS: ReadonlySet<string> = new Set([
  'listen.tls.certificate',
  'listen.tls.clientAuthorities',
  'listen.socket',
  'state.directory',
  'secrets.local.file',
  'secrets.providers.use',
]);

function isPlainUrl(text: string): boolean {
  if (!/^(?:https?|wss?):/.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/** In a URL a reference may be written with percent signs. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

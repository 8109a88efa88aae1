import type { OfferSpec } from '@hostler/kernel';
import type { ListName } from '@hostler/protocol';

/** Which of a server's tools, prompts and resources are offered, by the server's own names. */
export interface OfferFilter {
  /** Whether no `exclude` names it; then whether an `include` does, where there are any. */
  offers(kind: ListName, key: string): boolean;
  excludes(kind: ListName, key: string): boolean;
}

interface Pattern {
  /** Absent: every kind. */
  readonly kind?: PatternKind;
  readonly glob: string;
}

type PatternKind = 'tool' | 'prompt' | 'resource';

const PATTERN = /^(tool|prompt|resource):(.*)$/s;

export function createFilter({ include, exclude = [] }: Pick<OfferSpec, 'include' | 'exclude'>): OfferFilter {
  const included = include?.map(parsePattern);
  const excluded = exclude.map(parsePattern);
  const excludes = (kind: ListName, key: string): boolean => excluded.some((pattern) => fits(pattern, kind, key));
  return {
    excludes,
    offers: (kind, key) =>
      !excludes(kind, key) && (included === undefined || included.some((pattern) => fits(pattern, kind, key))),
  };
}

function parsePattern(text: string): Pattern {
  const [, kind, glob] = PATTERN.exec(text) ?? [];
  return kind === undefined || glob === undefined ? { glob: text } : { kind: kind as PatternKind, glob };
}

function fits({ kind, glob }: Pattern, listed: ListName, key: string): boolean {
  const isKind = kind === undefined || kind === (listed === 'template' ? 'resource' : listed);
  return isKind && matchesGlob(glob, key);
}

/**
 * `*` stands for any characters, `?` for one; the rest for itself. Linear for each `*`: the text comes from a server,
 * and no regular expression of ours may be kept busy by it.
 */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < text.length) {
    if (at < glob.length && glob[at] === '*') {
      star = at++;
      resume = position;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === text[position])) {
      at++;
      position++;
    } else if (star !== -1) {
      at = star + 1;
      position = ++resume;
    } else return false;
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}

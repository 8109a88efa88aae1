import type { Canary } from './canaries.ts';
import { needles } from './encodings.ts';

/** A canary that was found, and how it was written. */
export interface Hit {
  readonly canary: string;
  readonly encoding: string;
  /** What stands around it, without it: where to look for the leak. */
  readonly around: string;
}

/** Looks for every canary in every encoding, in the text and in the texts of the JSON in it. */
export function scan(text: string, canaries: readonly Pick<Canary, 'name' | 'value'>[]): readonly Hit[] {
  const texts = [text, ...jsonTexts(text)];
  const hits: Hit[] = [];
  for (const { name, value } of canaries) {
    for (const [encoding, forms] of needles(value)) {
      const hit = firstHit(texts, forms);
      if (hit !== undefined) hits.push({ canary: name, encoding, around: hit });
    }
  }
  return hits;
}

function firstHit(texts: readonly string[], forms: readonly string[]): string | undefined {
  for (const text of texts) {
    for (const form of forms) {
      const at = text.indexOf(form);
      if (at >= 0)
        return `${text.slice(Math.max(0, at - 80), at)}…${text.slice(at + form.length, at + form.length + 20)}`;
    }
  }
  return undefined;
}

/** Without what JSON does to a text, all that stands in the strings of each line and of the whole. */
function jsonTexts(text: string): readonly string[] {
  const found: string[] = [];
  for (const [literal] of text.matchAll(/"(?:[^"\\]|\\.)*\\(?:[^"\\]|\\.)*"/g)) {
    try {
      found.push(JSON.parse(literal) as string);
    } catch {
      // No JSON: the text itself was looked at.
    }
  }
  return found.length === 0 ? [] : [found.join('\n')];
}

import { isJsonObject } from '@hostler/kernel';
import { parseJson } from '../secret-value.ts';

/** Shorter values are not masked: they occur by chance everywhere, so masking them destroys output and hides nothing. */
export const MIN_MASKED_LENGTH = 8;
const MIN_LINE_LENGTH = 16;
const MAX_JSON_DEPTH = 32;
/** The frame of a PEM block is the same for everyone. */
const PEM_FRAME = /^-----(BEGIN|END) [A-Z0-9 ]+-----$/;

/** What to look for besides the value itself, because programs print it on its own. */
export interface SecretParts {
  /** Whole values: the value, the value without white space around it, and the texts inside a JSON value. */
  readonly values: ReadonlySet<string>;
  /** Lines of values with several lines. */
  readonly lines: ReadonlySet<string>;
}

export function secretParts(value: string): SecretParts {
  const values = new Set<string>();
  const lines = new Set<string>();
  for (const text of [value, ...jsonTexts(parseJson(value), MAX_JSON_DEPTH)]) {
    for (const form of [text, text.trim()]) if (form.length >= MIN_MASKED_LENGTH) values.add(form);
    for (const line of longLines(text)) lines.add(line);
  }
  return { values, lines };
}

function* jsonTexts(json: unknown, depth: number): Generator<string> {
  if (depth === 0) return;
  if (typeof json === 'string') yield json;
  else if (Array.isArray(json) || isJsonObject(json)) {
    for (const item of Object.values(json)) yield* jsonTexts(item, depth - 1);
  }
}

function longLines(text: string): readonly string[] {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.length === 1) return [];
  return lines.map((line) => line.trim()).filter((line) => line.length >= MIN_LINE_LENGTH && !PEM_FRAME.test(line));
}

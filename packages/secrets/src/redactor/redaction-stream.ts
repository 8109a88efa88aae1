import { maskText } from './mask.ts';
import type { PatternSet } from './pattern-set.ts';

/** Masks text that arrives in chunks: the joined output is the masked joined input, wherever it was cut. */
export interface RedactionStream {
  /** What can be written now. Held back is only an end that may turn out to be the beginning of a value. */
  push(chunk: string): string;
  /** What was held back. The stream can be used again afterwards. */
  end(): string;
}

/** Holds back fewer characters than the longest pattern has, because the rest of the text must be a beginning of one. */
export function createRedactionStream(patterns: PatternSet): RedactionStream {
  let held = '';
  let covered = 0;
  const write = (text: string, until: number): string => {
    const masked = maskText(patterns, text, { until, covered });
    held = text.slice(until);
    covered = masked.covered;
    return masked.text;
  };
  return {
    push(chunk) {
      const text = held + chunk;
      return write(text, patterns.firstOpen(text));
    },
    end() {
      return write(held, held.length);
    },
  };
}

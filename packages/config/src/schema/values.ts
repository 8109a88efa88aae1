import * as v from 'valibot';
import { DURATION_PATTERN, toMilliseconds } from '../duration.ts';

/** Longer than any wait that a person or a program behind us is worth, and safe for every timer. */
const MAX_DURATION = 600_000;

const DURATION_WORDS = 'a duration such as 500ms, 30s or 2m';

/** Text that may stand in an argument, path or environment: not empty, no NUL (the end of a C string). */
export function text(words = 'text') {
  return v.pipe(v.string(words), v.regex(/^[^\0]+$/, 'must not be empty or contain a NUL character'));
}

/** As `text()`, for the file system: nobody expands `~` but a shell, and there is none. */
export function pathText() {
  return v.pipe(
    v.string('text'),
    v.regex(/^[^\0~][^\0]*$/, 'must be a path: not empty, without NUL and not beginning with ~ (write the whole path)'),
  );
}

export function duration(minimum: number, meaning: string) {
  return durationUpTo(MAX_DURATION, `${DURATION_WORDS}, from ${minimum}ms to ${MAX_DURATION / 1_000}s`, {
    minimum,
    meaning,
  });
}

/** For what may well take days. */
export function longDuration(minimum: number, meaning: string) {
  const words = `a duration such as 30s, 10m or 1h, from ${minimum / 1_000}s to 168h`;
  return durationUpTo(7 * 24 * 3_600_000, words, { minimum, meaning });
}

/** As `longDuration()`, for what is done again and again; `0s` is never. */
export function interval(minimum: number, meaning: string) {
  const words = `0s, or a duration such as 30s, 10m or 1h, from ${minimum / 1_000}s to 168h`;
  return durationUpTo(7 * 24 * 3_600_000, words, { minimum, meaning, zero: true });
}

export function wholeNumber([least, most]: readonly [least: number, most: number], meaning: string) {
  const words = `a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(words),
    v.integer(`must be ${words}`),
    v.minValue(least, `must be ${words}`),
    v.maxValue(most, `must be ${words}`),
    v.description(meaning),
  );
}

interface Meaning {
  readonly minimum: number;
  readonly meaning: string;
  /** Whether 0 is fine although it is less than the minimum. */
  readonly zero?: boolean;
}

function durationUpTo(maximum: number, words: string, { minimum, meaning, zero = false }: Meaning) {
  return v.pipe(
    // A number has no unit, and programs of this field disagree which one it means.
    v.string(DURATION_WORDS),
    v.regex(DURATION_PATTERN, `expected ${DURATION_WORDS}`),
    v.check((value) => {
      const milliseconds = toMilliseconds(value);
      if (zero && milliseconds === 0) return true;
      return Number.isInteger(milliseconds) && milliseconds >= minimum && milliseconds <= maximum;
    }, `expected ${words}`),
    v.description(meaning),
  );
}

export function flag(meaning: string) {
  return v.pipe(v.boolean('true or false'), v.description(meaning));
}

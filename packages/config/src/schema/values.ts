import * as v from 'valibot';
import { DURATION_PATTERN, toMilliseconds } from '../duration.ts';

/** Longer than any wait that a person or a program behind us is worth, and safe for every timer. */
export const MAX_DURATION = 600_000;

const DURATION_WORDS = 'a duration such as 500ms, 30s or 2m, or a whole number of milliseconds';

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
  return v.pipe(
    v.union([v.pipe(v.string(), v.regex(DURATION_PATTERN, `expected ${DURATION_WORDS}`)), v.number()], DURATION_WORDS),
    v.check(
      (value) => {
        const milliseconds = toMilliseconds(value);
        return Number.isInteger(milliseconds) && milliseconds >= minimum && milliseconds <= MAX_DURATION;
      },
      `expected ${DURATION_WORDS}, from ${minimum}ms to ${MAX_DURATION / 1000}s`,
    ),
    v.description(meaning),
  );
}

export function flag(meaning: string) {
  return v.pipe(v.boolean('true or false'), v.description(meaning));
}

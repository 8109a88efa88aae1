/** `500ms`, `30s`, `2m`. */
export const DURATION_PATTERN = /^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m)$/;

const UNITS = { ms: 1, s: 1000, m: 60_000 } as const;

/** Whole milliseconds of a duration as it is written; a number already is milliseconds. NaN for any other text. */
export function toMilliseconds(duration: string | number): number {
  if (typeof duration === 'number') return duration;
  if (!DURATION_PATTERN.test(duration)) return Number.NaN;
  const unit = duration.endsWith('ms') ? 'ms' : duration.endsWith('s') ? 's' : 'm';
  return Math.round(Number.parseFloat(duration) * UNITS[unit]);
}

/** `500ms`, `30s`, `2m`, `1h`. */
export const DURATION_PATTERN = /^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h)$/;

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Whole milliseconds of a duration as it is written. NaN for any other text. */
export function toMilliseconds(duration: string): number {
  if (!DURATION_PATTERN.test(duration)) return Number.NaN;
  const unit = duration.endsWith('ms') ? 'ms' : (duration.at(-1) as keyof typeof UNITS);
  return Math.round(Number.parseFloat(duration) * UNITS[unit]);
}

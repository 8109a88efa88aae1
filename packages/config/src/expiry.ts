/** A day, or a moment with the zone it is meant in: without one it would be another on every machine. */
export const EXPIRY_PATTERN = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Milliseconds since 1970 of a date as it is written; a day is its first moment in UTC. NaN for any other text. */
export function toTime(text: string): number {
  if (!EXPIRY_PATTERN.test(text)) return Number.NaN;
  const day = text.slice(0, 10);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // Engines take the 30th of February for a day in March.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return Number.NaN;
  return Date.parse(text);
}

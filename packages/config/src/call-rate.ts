import type { CallRate } from '@hostler/kernel';

/** `10/s`, `600/min`, `5000/h`. */
export const CALL_RATE_PATTERN = /^[1-9]\d{0,6}\/(?:s|min|h)$/;

const UNITS: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000 };

/** @param rate fits the pattern */
export function toCallRate(rate: string): CallRate {
  const [count, unit = ''] = rate.split('/');
  return { count: Number(count), per: UNITS[unit] ?? Number.NaN };
}

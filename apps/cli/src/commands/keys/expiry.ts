import { cliErrors } from '../../errors.ts';

const HOUR = 3_600_000;
const UNITS: Readonly<Record<string, number>> = { h: HOUR, d: 24 * HOUR, w: 7 * 24 * HOUR };
/** Later dates are typing errors. */
const LATEST = 100 * 366 * 24 * HOUR;

/** When a key ends, as the configuration has it: after `12h`, `90d` or `26w`, or on a date. @throws CLI_USAGE */
export function expiryFrom(text: string, now: number): string {
  const [, count, unit = ''] = /^(\d{1,6})([hdw])$/.exec(text) ?? [];
  const time = count === undefined ? timeOf(text) : now + Number(count) * (UNITS[unit] ?? Number.NaN);
  if (time > now && time - now <= LATEST) return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
  const isPast = time <= now;
  const problem = `--expires takes a time that is to come, such as 90d, 12h, 26w or 2030-01-31${isPast ? `; ${text} is over` : ''}.`;
  throw cliErrors.USAGE({ details: { problem } });
}

/** NaN for anything but a date, or a date and a time with its zone (RFC 3339). */
function timeOf(text: string): number {
  const isTime = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text);
  return isTime ? Date.parse(text) : Number.NaN;
}

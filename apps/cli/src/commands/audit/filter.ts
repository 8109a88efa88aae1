import type { AuditFilter } from '@hostler/audit';
import { cliErrors } from '../../errors.ts';

export interface FilterFlags {
  readonly consumer?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly kind?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly until?: string;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** @throws CLI_USAGE */
export function filterFrom({ tool, since, until, ...same }: FilterFlags, now: number): AuditFilter {
  const { consumer, server, kind, outcome } = same;
  return {
    ...(consumer !== undefined && { consumer }),
    ...(server !== undefined && { server }),
    ...(kind !== undefined && { kind }),
    ...(outcome !== undefined && { outcome }),
    ...(tool !== undefined && { name: tool }),
    ...(since !== undefined && { since: timeFrom('--since', since, now) }),
    ...(until !== undefined && { until: timeFrom('--until', until, now) }),
  };
}

function timeFrom(flag: string, text: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const isDate = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const time =
    count === undefined ? (isDate ? Date.parse(text) : Number.NaN) : now - Number(count) * (UNITS[unit] ?? 0);
  if (Number.isFinite(time)) return time;
  throw cliErrors.USAGE({
    details: { problem: `${flag} takes a time that is over, such as 30m, 24h, 7d or 2026-01-31.` },
  });
}

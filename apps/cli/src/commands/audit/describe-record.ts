import type { AuditRecord } from '@hostler/audit';
import type { Output } from '../../output.ts';
import { printableLine } from '../../text/printable.ts';

/** A record as one line for a person. */
export function describeRecord(record: AuditRecord, { paint }: Pick<Output, 'paint'>): string {
  const { time, kind, phase } = record;
  const result = textOf(record['result']) ?? phase ?? '';
  const what = [about(record), codeOf(record), facts(record)].filter((part) => part !== '').join('  ');
  const line = `${kind.padEnd(8)} ${result.padEnd(9)} ${textOf(record['consumer']) ?? '-'}  ${what}`;
  return `${paint('dim', time)} ${printableLine(line)}`;
}

function about(record: AuditRecord): string {
  const [server, name, method, action, event, address] = (
    ['server', 'name', 'method', 'action', 'event', 'address'] as const
  ).map((key) => textOf(record[key]));
  const place = [server, name].filter((part) => part !== undefined).join('/');
  return [action ?? event ?? method ?? '', place, address ?? ''].filter((part) => part !== '').join(' ');
}

function codeOf(record: AuditRecord): string {
  const rule = textOf(record['rule']);
  const code = textOf(record['code']) ?? '';
  return rule === undefined ? code : `${code} (${rule})`;
}

function facts({ milliseconds, count, mayHaveRun }: AuditRecord): string {
  return [
    typeof milliseconds === 'number' ? `${Math.round(milliseconds)} ms` : '',
    typeof count === 'number' && count > 1 ? `×${count}` : '',
    mayHaveRun === true ? 'may have run' : '',
  ]
    .filter((part) => part !== '')
    .join('  ');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

import type { AuditRecord } from './record.ts';

const COLUMNS = [
  'seq',
  'time',
  'kind',
  'phase',
  'id',
  'consumer',
  'proof',
  'issuer',
  'subject',
  'credential',
  'entry',
  'method',
  'era',
  'server',
  'item',
  'name',
  'action',
  'event',
  'address',
  'result',
  'rule',
  'code',
  'mayHaveRun',
  'milliseconds',
  'requestBytes',
  'answerBytes',
  'arguments',
  'digest',
  'secrets',
  'generation',
  'trace',
  'count',
  'previous',
  'hash',
] as const;

export const CSV_HEAD = COLUMNS.join(',');

/** A record as a row. Source: RFC 4180. */
export function toCsvRow(record: AuditRecord): string {
  return COLUMNS.map((column) => cell(record[column])).join(',');
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
  // A spreadsheet would take it for a formula.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import type { Output, Style } from '../output.ts';
import { parseLogRecord } from './log-record.ts';
import { printableLine } from './printable.ts';

const LEVELS: Readonly<Record<number, readonly [name: string, style: Style]>> = {
  20: ['debug', 'dim'],
  30: ['info', 'cyan'],
  40: ['warn', 'yellow'],
  50: ['error', 'red'],
};

/** A JSON log record as a person reads it: level, server, message, the rest as `key=value`. */
export function logLine(line: string, paint: Output['paintNote']): string {
  const record = parseLogRecord(line);
  if (record === undefined) return printableLine(line);
  const { level, time: _, msg, server, problem, ...facts } = record;
  const rest = typeof problem === 'string' ? withoutCause(facts) : facts;
  const [name, style] = LEVELS[Number(level)] ?? ['log', 'dim'];
  const fields = Object.entries(rest).map(([key, value]) => `${key}=${field(value)}`);
  const who = typeof server === 'string' ? `${server}: ` : '';
  const why = typeof problem === 'string' ? `: ${problem}` : '';
  const text = printableLine(`${who}${typeof msg === 'string' ? msg : ''}${why}`);
  return [paint(style, name.padEnd(5)), text, paint('dim', printableLine(fields.join(' ')))].join(' ').trimEnd();
}

/** A problem is a sentence for people already; what it was made from is for the JSON form. */
function withoutCause({ error: _error, code: _code, status: _status, ...rest }: JsonObject): JsonObject {
  return rest;
}

function field(value: Json | undefined): string {
  // The stack of an error is for the JSON form.
  if (isJsonObject(value) && typeof value['message'] === 'string') return value['message'];
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import type { OutgoingHttpHeader } from 'node:http';
import process from 'node:process';

/** As `writeHead` takes them: an object, or names and values in turn. */
export type HeadFields = Readonly<Record<string, OutgoingHttpHeader>> | readonly OutgoingHttpHeader[];

const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** Each field on a line of its own, several values on as many. @throws for what could end its line */
export function fieldLines(fields: HeadFields): string {
  let lines = '';
  if (Array.isArray(fields)) {
    for (let index = 0; index < fields.length; index += 2) lines += fieldLine(String(fields[index]), fields[index + 1]);
    return lines;
  }
  const named = fields as Readonly<Record<string, OutgoingHttpHeader>>;
  for (const name in named) lines += fieldLine(name, named[name]);
  return lines;
}

function fieldLine(name: string, value: OutgoingHttpHeader | undefined): string {
  if (typeof value === 'number') return `${name}: ${value}\r\n`;
  if (typeof value === 'string') return `${name}: ${checked(value)}\r\n`;
  let lines = '';
  for (const each of value ?? []) lines += `${name}: ${checked(each)}\r\n`;
  return lines;
}

/** Source: RFC 9110, 5.5, without the octets that it calls obsolete. */
const UNPRINTABLE = /[^\t\x20-\x7e]/;

function checked(value: string): string {
  if (UNPRINTABLE.test(value)) throw new TypeError('A header of an answer has a character that may not stand there.');
  return value;
}

export function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
}

let second = 0;
let line = '';

/** Source: RFC 9110, 6.6.1. */
export function dateLine(): string {
  const now = Math.floor(Date.now() / 1_000);
  if (now !== second) {
    second = now;
    line = `date: ${new Date(now * 1_000).toUTCString()}\r\n`;
  }
  return line;
}

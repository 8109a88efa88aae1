import type { OutgoingHttpHeader } from 'node:http';
import process from 'node:process';
import { inOnePiece } from '@hostler/protocol';

/** As `writeHead` takes them: an object, or names and values in turn. */
export type HeadFields = Readonly<Record<string, OutgoingHttpHeader>> | readonly OutgoingHttpHeader[];

const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** The fields of a head, and what they say that matters to whoever writes it. */
export class FieldLines {
  /** Each field on a line of its own, several values on as many. */
  text = '';
  hasLength = false;
  hasDate = false;
  saysClose = false;

  /** @throws TypeError for what could end a line */
  constructor(fields: HeadFields) {
    if (Array.isArray(fields)) {
      for (let index = 0; index < fields.length; index += 2) this.#add(String(fields[index]), fields[index + 1]);
      return;
    }
    const named = fields as Readonly<Record<string, OutgoingHttpHeader>>;
    for (const name in named) this.#add(name, named[name]);
  }

  #add(name: string, value: OutgoingHttpHeader | undefined): void {
    if (Array.isArray(value)) for (const each of value) this.#addLine(name, checked(each));
    else if (value !== undefined) this.#addLine(name, typeof value === 'number' ? `${value}` : checked(value));
  }

  #addLine(name: string, value: string): void {
    this.text += `${name}: ${value}\r\n`;
    if (name.length === DATE.length) this.hasDate ||= name.toLowerCase() === DATE;
    else if (name.length === LENGTH.length) this.hasLength ||= name.toLowerCase() === LENGTH;
    else if (name.length === CONNECTION.length) {
      this.saysClose ||= name.toLowerCase() === CONNECTION && value.toLowerCase() === 'close';
    }
  }
}

const DATE = 'date';
const LENGTH = 'content-length';
const CONNECTION = 'connection';

/** Source: RFC 9110, 5.5, without the octets that it calls obsolete. */
const UNPRINTABLE = /[^\t\x20-\x7e]/;

function checked(value: string): string {
  if (UNPRINTABLE.test(value)) throw new TypeError('A header of an answer has a character that may not stand there.');
  return value;
}

/** As many as there are statuses. */
const statusLines = new Map<number, string>();

export function statusLine(status: number): string {
  const known = statusLines.get(status);
  if (known !== undefined) return known;
  const made = inOnePiece(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`);
  statusLines.set(status, made);
  return made;
}

let second = 0;
let line = '';

/** Source: RFC 9110, 6.6.1. */
export function dateLine(): string {
  const now = Math.floor(Date.now() / 1_000);
  if (now !== second) {
    second = now;
    line = inOnePiece(`date: ${new Date(now * 1_000).toUTCString()}\r\n`);
  }
  return line;
}

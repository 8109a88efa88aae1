import { createByteJoiner } from './byte-joiner.ts';
import { createLineReader } from './line-reader.ts';
import { onOneLine } from './message-bytes.ts';

/** One server-sent event. Source: WHATWG HTML, section 9.2 (server-sent events). */
export interface StreamEvent {
  /** `message` when the stream names none. */
  readonly event: string;
  readonly data: Uint8Array;
  readonly id?: string;
  /** Milliseconds to wait before reconnecting, when the server said so. */
  readonly retry?: number;
}

export interface EventReader {
  push(chunk: Uint8Array): void;
}

export interface EventReaderOptions {
  readonly maxEventBytes: number;
  onEvent(event: StreamEvent): void;
  /** An event grew past the bound; all of it is dropped, and reading goes on behind it. */
  onOverflow(): void;
}

/** Reads an event stream from chunks. Lines may end in LF or CRLF; MCP servers send no lone CR. */
export function createEventReader(options: EventReaderOptions): EventReader {
  const data = createByteJoiner();
  let lines = 0;
  let event = 'message';
  let id: string | undefined;
  let retry: number | undefined;
  let dropping = false;

  /** An event of which a part is missing is worse than none: the rest of it goes too. */
  function drop(): void {
    data.take();
    if (dropping) return;
    dropping = true;
    options.onOverflow();
  }

  function dispatch(): void {
    const seen = !dropping && (lines > 0 || id !== undefined || retry !== undefined);
    const ready: StreamEvent = {
      event,
      data: data.take(),
      ...(id === undefined ? {} : { id }),
      ...(retry === undefined ? {} : { retry }),
    };
    event = 'message';
    lines = 0;
    id = undefined;
    retry = undefined;
    dropping = false;
    if (seen) options.onEvent(ready);
  }

  /** Several data lines are joined by line breaks; a single one, which is the rule in MCP, is not copied. */
  function addData(value: Uint8Array): void {
    if (data.size + value.length + (lines > 0 ? 1 : 0) > options.maxEventBytes) return drop();
    if (lines > 0) data.add(LINE_BREAK);
    data.add(value);
    lines++;
  }

  function onLine(line: Uint8Array): void {
    if (line.length === 0) return dispatch();
    const colon = line.indexOf(0x3a);
    const name = toText(colon === -1 ? line : line.subarray(0, colon));
    const value = colon === -1 ? EMPTY : line.subarray(line[colon + 1] === 0x20 ? colon + 2 : colon + 1);
    if (name === 'data') addData(value);
    else if (name === 'event') event = toText(value) || 'message';
    else if (name === 'id' && !value.includes(0)) id = toText(value);
    else if (name === 'retry' && /^\d{1,9}$/.test(toText(value))) retry = Number(toText(value));
  }

  return createLineReader({ maxLineBytes: options.maxEventBytes + LONGEST_FIELD, onLine, onOverflow: drop });
}

/** One event that carries one message. */
export function eventBytes(message: Uint8Array, id?: string): Buffer {
  const head = id === undefined ? 'event: message\ndata: ' : `id: ${id}\nevent: message\ndata: `;
  return Buffer.concat([Buffer.from(head), onOneLine(message), Buffer.from('\n\n')]);
}

/** A comment that keeps an idle stream open through proxies. */
export const keepAliveText = ': keep-alive\n\n';

/** Room for `data: ` and the like before the value. */
const LONGEST_FIELD = 16;
const LINE_BREAK = Buffer.from('\n');
const EMPTY = new Uint8Array();

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

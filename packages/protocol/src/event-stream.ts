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
  /** An event grew past the bound and is dropped; end the stream. */
  onOverflow(): void;
}

/** Reads an event stream from chunks. Lines may end in LF or CRLF; MCP servers send no lone CR. */
export function createEventReader(options: EventReaderOptions): EventReader {
  let event = 'message';
  let data: Uint8Array[] = [];
  let size = 0;
  let id: string | undefined;
  let retry: number | undefined;

  function dispatch(): void {
    const seen = data.length > 0 || id !== undefined || retry !== undefined;
    const ready: StreamEvent = {
      event,
      data: data.length === 1 ? (data[0] as Uint8Array) : Buffer.concat(data).subarray(0, -1),
      ...(id === undefined ? {} : { id }),
      ...(retry === undefined ? {} : { retry }),
    };
    event = 'message';
    data = [];
    size = 0;
    id = undefined;
    retry = undefined;
    if (seen) options.onEvent(ready);
  }

  function addData(value: Uint8Array): void {
    size += value.length;
    if (size > options.maxEventBytes) {
      data = [];
      options.onOverflow();
      return;
    }
    // Several data lines are joined by line breaks; one line, which is the rule in MCP, is not copied.
    if (data.length === 1) data = [data[0] as Uint8Array, LINE_BREAK];
    if (data.length === 0) data.push(value);
    else data.push(value, LINE_BREAK);
  }

  function onLine(line: Uint8Array): void {
    if (line.length === 0) return dispatch();
    const colon = line.indexOf(0x3a);
    const name = toText(colon === -1 ? line : line.subarray(0, colon));
    const value = colon === -1 ? EMPTY : line.subarray(line[colon + 1] === 0x20 ? colon + 2 : colon + 1);
    if (name === 'data') addData(value);
    else if (name === 'event') event = toText(value);
    else if (name === 'id') id = toText(value);
    else if (name === 'retry' && /^\d{1,9}$/.test(toText(value))) retry = Number(toText(value));
  }

  return createLineReader({ maxLineBytes: options.maxEventBytes + 16, onLine, onOverflow: () => options.onOverflow() });
}

/** One event that carries one message. */
export function eventBytes(message: Uint8Array, id?: string): Buffer {
  const head = id === undefined ? 'event: message\ndata: ' : `id: ${id}\nevent: message\ndata: `;
  return Buffer.concat([Buffer.from(head), onOneLine(message), Buffer.from('\n\n')]);
}

/** A comment that keeps an idle stream open through proxies. */
export const keepAliveText = ': keep-alive\n\n';

const LINE_BREAK = Buffer.from('\n');
const EMPTY = new Uint8Array();

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

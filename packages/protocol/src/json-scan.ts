import type { Json } from '@hostler/kernel';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
/** Deeper values are refused: every recursive reader behind us would be at risk. */
const MAX_DEPTH = 512;

/** A place in the bytes: `start` inclusive, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One member of an object: its key, where the member begins (at the key's quote) and where its value lies. */
export interface Member {
  readonly key: string;
  readonly from: number;
  readonly value: Span;
}

export interface ShapeLimits {
  /** Nesting of objects and arrays. */
  readonly depth: number;
  /** Values, keys included; an empty object or array counts twice. */
  readonly nodes: number;
  /** Bytes of one string. */
  readonly stringBytes: number;
}

/** The bytes are not a JSON value of the expected shape. Carries no text of them. */
export class JsonShapeError extends Error {
  override readonly name: string = 'JsonShapeError';
  /** The bound that was passed; absent when the text itself is broken. */
  readonly bound?: keyof ShapeLimits;

  constructor(message: string, bound?: keyof ShapeLimits) {
    super(message);
    if (bound !== undefined) this.bound = bound;
  }
}

/**
 * The members of the object that `bytes` holds, found without parsing the values: brackets are matched, literals inside
 * values are not checked.
 * @throws JsonShapeError when this is not one whole object, or a key stands twice (parsers disagree on which one counts).
 */
export function scanMembers(bytes: Uint8Array, start = 0, end: number = bytes.length): Member[] {
  let at = skipSpace(bytes, start, end);
  if (bytes[at] !== OPEN_BRACE) throw new JsonShapeError('not an object');
  const members: Member[] = [];
  let keys: Set<string> | undefined;
  at = skipSpace(bytes, at + 1, end);
  while (at < end && bytes[at] !== CLOSE_BRACE) {
    const from = at;
    const keyEnd = skipString(bytes, at, end);
    const key = readKey(bytes, from, keyEnd);
    at = skipSpace(bytes, keyEnd, end);
    if (bytes[at] !== COLON) throw new JsonShapeError('colon expected');
    const valueStart = skipSpace(bytes, at + 1, end);
    const valueEnd = skipValue(bytes, valueStart, end);
    members.push({ key, from, value: { start: valueStart, end: valueEnd } });
    keys = withKey(keys, key, members);
    at = skipSpace(bytes, valueEnd, end);
    if (bytes[at] === COMMA) {
      at = skipSpace(bytes, at + 1, end);
      if (bytes[at] !== QUOTE) throw new JsonShapeError('key expected');
    } else if (bytes[at] !== CLOSE_BRACE) throw new JsonShapeError('comma expected');
  }
  if (at >= end || skipSpace(bytes, at + 1, end) !== end) throw new JsonShapeError('object does not end here');
  return members;
}

/** Members that are searched one by one: messages have fewer. A list of 50,000 would take seconds so. */
const FEW = 8;

/** @param members the last of which has this key @returns the keys of all; undefined while they are few */
function withKey(keys: Set<string> | undefined, key: string, members: readonly Member[]): Set<string> | undefined {
  if (keys?.has(key) === true) throw new JsonShapeError('key stands twice');
  if (keys !== undefined) return keys.add(key);
  for (let index = members.length - 2; index >= 0; index -= 1) {
    if ((members[index] as Member).key === key) throw new JsonShapeError('key stands twice');
  }
  return members.length < FEW ? undefined : new Set(members.map((member) => member.key));
}

/** The spans of the elements of the array that lies in `span`. @throws JsonShapeError */
export function scanElements(bytes: Uint8Array, span: Span): Span[] {
  let at = skipSpace(bytes, span.start, span.end);
  if (bytes[at] !== OPEN_BRACKET) throw new JsonShapeError('not an array');
  const elements: Span[] = [];
  at = skipSpace(bytes, at + 1, span.end);
  while (at < span.end && bytes[at] !== CLOSE_BRACKET) {
    const end = skipValue(bytes, at, span.end);
    elements.push({ start: at, end });
    at = skipSpace(bytes, end, span.end);
    if (bytes[at] === COMMA) {
      at = skipSpace(bytes, at + 1, span.end);
      if (bytes[at] === CLOSE_BRACKET) throw new JsonShapeError('value expected');
    } else if (bytes[at] !== CLOSE_BRACKET) throw new JsonShapeError('comma expected');
  }
  if (at >= span.end || skipSpace(bytes, at + 1, span.end) !== span.end) {
    throw new JsonShapeError('array does not end here');
  }
  return elements;
}

/**
 * Refuses text that would be dear or dangerous to parse, in one pass before any parser sees it.
 * @throws JsonShapeError with the `bound` that was passed, or without one for a string that does not end.
 */
export function checkShape(bytes: Uint8Array, limits: ShapeLimits): void {
  let depth = 0;
  let nodes = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = skipString(bytes, at, bytes.length);
      if (end - at - 2 > limits.stringBytes)
        throw new JsonShapeError(`a string is longer than ${limits.stringBytes} bytes`, 'stringBytes');
      at = end - 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
      nodes++;
      if (depth > limits.depth) throw new JsonShapeError(`nested deeper than ${limits.depth}`, 'depth');
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    else if (byte === COMMA || byte === COLON) nodes++;
    if (nodes > limits.nodes) throw new JsonShapeError(`more than ${limits.nodes} values`, 'nodes');
  }
}

/** The value that the bytes hold. @throws JsonShapeError when they are not JSON. */
export function parseBytes(bytes: Uint8Array): Json {
  try {
    return JSON.parse(textOf(bytes)) as Json;
  } catch {
    throw new JsonShapeError('not valid JSON');
  }
}

/** Bytes in UTF-8 as text. Bytes from a socket are a `Buffer` already: the check saves a view per key and message. */
export function textOf(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('utf8', start, end);
}

/** Where the value that begins at `at` ends. @throws JsonShapeError */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  if (at >= end) throw new JsonShapeError('value expected');
  if (first === QUOTE) return skipString(bytes, at, end);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipContainer(bytes, at, end);
  let index = at;
  while (index < end && isLiteral(bytes[index] as number)) index++;
  if (index === at) throw new JsonShapeError('value expected');
  return index;
}

function skipContainer(bytes: Uint8Array, start: number, end: number): number {
  const closers: number[] = [];
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    switch (byte) {
      case QUOTE:
        at = skipString(bytes, at, end) - 1;
        break;
      case OPEN_BRACE:
        closers.push(CLOSE_BRACE);
        if (closers.length > MAX_DEPTH) throw new JsonShapeError(`nested deeper than ${MAX_DEPTH}`, 'depth');
        break;
      case OPEN_BRACKET:
        closers.push(CLOSE_BRACKET);
        if (closers.length > MAX_DEPTH) throw new JsonShapeError(`nested deeper than ${MAX_DEPTH}`, 'depth');
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (closers.pop() !== byte) throw new JsonShapeError('brackets do not match');
        if (closers.length === 0) return at + 1;
        break;
      default:
    }
  }
  throw new JsonShapeError('value does not end');
}

function skipString(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== QUOTE) throw new JsonShapeError('string expected');
  // Short strings are cheaper to walk than to search; long ones are found by the engine's own memory search.
  const near = Math.min(end, start + 48);
  for (let at = start + 1; at < near; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
  return findStringEnd(bytes, start, end);
}

function findStringEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (;;) {
    at = bytes.indexOf(QUOTE, at + 1);
    if (at === -1 || at >= end) throw new JsonShapeError('string does not end');
    let slashes = 0;
    while (bytes[at - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
}

function readKey(bytes: Uint8Array, from: number, to: number): string {
  const text = textOf(bytes, from + 1, to - 1);
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    throw new JsonShapeError('key is not valid');
  }
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at++;
  }
  return at;
}

/** Characters of numbers, `true`, `false` and `null`. */
function isLiteral(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  );
}

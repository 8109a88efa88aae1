const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A string with its quotes, or a number or word. `end` is exclusive. */
export interface JsonToken {
  readonly kind: 'key' | 'string' | 'literal';
  readonly start: number;
  readonly end: number;
  /** How many objects and arrays it lies in. */
  readonly depth: number;
}

/**
 * The texts and literals of JSON in the order in which they stand. Nothing else is checked: whoever reads the message
 * later refuses what is no JSON.
 * @returns whether every string ended
 */
export function eachToken(bytes: Uint8Array, visit: (token: JsonToken) => void): boolean {
  let depth = 0;
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      const end = stringEnd(bytes, at);
      if (end === undefined) return false;
      visit({ kind: isColonNext(bytes, end) ? 'key' : 'string', start: at, end, depth });
      at = end;
    } else if (isLiteral(byte)) {
      let end = at + 1;
      while (end < bytes.length && isLiteral(bytes[end] as number)) end += 1;
      visit({ kind: 'literal', start: at, end, depth });
      at = end;
    } else {
      if (byte === 0x5b || byte === 0x7b) depth += 1;
      else if (byte === 0x5d || byte === 0x7d) depth -= 1;
      at += 1;
    }
  }
  return true;
}

/** The text of a string token; undefined when it is malformed. */
export function decodeString(bytes: Uint8Array): string | undefined {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as string;
  } catch {
    return undefined;
  }
}

/** Behind the quote that ends the string which begins, or goes on, behind `start`. */
export function stringEnd(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  return undefined;
}

function isColonNext(bytes: Uint8Array, from: number): boolean {
  let at = from;
  while (at < bytes.length && (bytes[at] as number) <= 0x20) at += 1;
  return bytes[at] === 0x3a;
}

/** Characters of numbers, `true`, `false` and `null`. */
export function isLiteral(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  );
}

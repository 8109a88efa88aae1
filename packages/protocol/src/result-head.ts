import { splitMessage } from './envelope.ts';
import type { MessageId } from './envelope.ts';
import { JsonShapeError } from './json-scan.ts';

/** What stands before a large result is short; else it is looked at whole. */
const LONGEST_HEAD = 4 * 1024;
const OPEN_BRACE = 0x7b;
const RESULT_KEY = Buffer.from('"result"');
const PLACE_HOLDER = Buffer.from('0');

/**
 * Where the result begins in a response of which only the beginning is there.
 * @returns undefined unless the id stands before it and is the expected one, and the result is an object
 */
export function resultStart(beginning: Uint8Array, id: MessageId): number | undefined {
  const view = Buffer.from(beginning.buffer, beginning.byteOffset, Math.min(beginning.length, LONGEST_HEAD));
  for (let key = view.indexOf(RESULT_KEY); key !== -1; key = view.indexOf(RESULT_KEY, key + 1)) {
    const start = valueAfter(view, key + RESULT_KEY.length);
    if (start !== undefined && isResponseTo(id, view.subarray(0, start), CLOSE)) {
      return view[start] === OPEN_BRACE ? start : undefined;
    }
  }
  return undefined;
}

/**
 * Checks what stands around a result that was passed on: that the whole is one response with this id.
 * @throws JsonShapeError
 */
export function checkAroundResult(head: Uint8Array, tail: Uint8Array, id: MessageId): void {
  if (!isResponseTo(id, head, tail)) throw new JsonShapeError('what follows the result does not belong there');
}

function isResponseTo(id: MessageId, head: Uint8Array, tail: Uint8Array): boolean {
  try {
    const message = Buffer.concat([head, PLACE_HOLDER, tail]);
    const { id: said, method, result, error } = splitMessage(message);
    return said === id && method === undefined && error === undefined && result?.start === head.length;
  } catch (thrown) {
    if (thrown instanceof JsonShapeError) return false;
    throw thrown;
  }
}

/** Where the value begins, when a colon follows. */
function valueAfter(bytes: Uint8Array, from: number): number | undefined {
  const colon = skipSpace(bytes, from);
  if (bytes[colon] !== 0x3a) return undefined;
  const start = skipSpace(bytes, colon + 1);
  return start < bytes.length ? start : undefined;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at += 1;
  return at;
}

const CLOSE = Buffer.from('}');

import { Payload } from '@hostler/kernel';
import { JsonShapeError, messageLimits, parseMessage, splitMessage } from '@hostler/protocol';
import type { MessageId } from '@hostler/protocol';
import type { MessageScreen } from '@hostler/secrets';
import type { Incoming } from './message-pipe.ts';

const OPEN_BRACE = 0x7b;

export interface LineReading {
  /** Bound of the line itself, and so of any string in it: servers send images to be looked at. */
  readonly maxBytes: number;
  /** Looks at the line before anybody else does. */
  readonly screen?: MessageScreen | undefined;
}

/**
 * Reads one line of a server. Results and errors stay bytes; what the server asks or tells is parsed within bounds.
 * @throws JsonShapeError, PROTOCOL_* when the line is no message
 */
export function readLine(written: Uint8Array, { maxBytes, screen }: LineReading): Incoming {
  const line = screen === undefined ? written : screen.incoming(written);
  const { id, method, result, error } = splitMessage(line);
  if (method !== undefined) return readCall(line, maxBytes);
  if (result !== undefined && error !== undefined && id !== undefined) return { kind: 'answer', id, member: 'error' };
  if (result !== undefined) return readAnswer(line, id, 'result', result);
  if (error !== undefined) return readAnswer(line, id, 'error', error);
  throw new JsonShapeError('neither a method nor an answer');
}

function readAnswer(
  line: Uint8Array,
  id: MessageId | undefined,
  member: 'result' | 'error',
  { start, end }: { readonly start: number; readonly end: number },
): Incoming {
  if (id === undefined) throw new JsonShapeError('an answer to nothing');
  if (line[start] !== OPEN_BRACE) return { kind: 'answer', id, member };
  return { kind: 'answer', id, member, payload: Payload.ofBytes(line.subarray(start, end)) };
}

function readCall(line: Uint8Array, maxBytes: number): Incoming {
  const message = parseMessage(line, { ...messageLimits, stringBytes: maxBytes });
  if (message.kind === 'request' || message.kind === 'notification') return message;
  throw new JsonShapeError('a method that is no string');
}

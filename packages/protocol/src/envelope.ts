import { isUtf8 } from 'node:buffer';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { protocolErrors } from './errors.ts';
import { checkShape, JsonShapeError, scanMembers, textOf } from './json-scan.ts';
import type { ShapeLimits, Span } from './json-scan.ts';

/** JSON-RPC ids; numbers are safe integers, since others do not survive a parser. */
export type MessageId = string | number;

export type IncomingMessage =
  | { readonly kind: 'request'; readonly id: MessageId; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'result'; readonly id: MessageId; readonly result: Json }
  | { readonly kind: 'error'; readonly id: MessageId | undefined; readonly error: JsonObject };

/** Defaults for what clients send: depth 64, 100,000 values, strings of 1 MiB. */
export const messageLimits: ShapeLimits = { depth: 64, nodes: 100_000, stringBytes: 1024 * 1024 };

/**
 * Checks and parses one JSON-RPC message from a peer whose every word is acted on (a client's message, a server's
 * request). Batches are refused: only revision 2025-03-26 had them, and none of its clients needs them.
 * @throws PROTOCOL_PARSE, PROTOCOL_INVALID_REQUEST (with `details.id` when an id could be read)
 */
export function parseMessage(bytes: Uint8Array, limits: ShapeLimits = messageLimits): IncomingMessage {
  return toMessage(parseJson(bytes, limits));
}

/** Parses bounded JSON. @throws PROTOCOL_PARSE, PROTOCOL_INVALID_REQUEST */
export function parseJson(bytes: Uint8Array, limits: ShapeLimits = messageLimits): Json {
  if (!isUtf8(bytes)) throw protocolErrors.PARSE();
  try {
    checkShape(bytes, limits);
  } catch (thrown) {
    if (!(thrown instanceof JsonShapeError)) throw thrown;
    if (thrown.bound === undefined) throw protocolErrors.PARSE({ cause: thrown });
    throw protocolErrors.INVALID_REQUEST({ details: { problem: thrown.message } });
  }
  try {
    return JSON.parse(textOf(bytes)) as Json;
  } catch (cause) {
    throw protocolErrors.PARSE({ cause });
  }
}

/** Checks the envelope of a parsed message. @throws PROTOCOL_INVALID_REQUEST */
export function toMessage(value: Json): IncomingMessage {
  if (Array.isArray(value)) throw invalid('batches are not accepted');
  if (!isJsonObject(value)) throw invalid('an object is expected');
  const id = readId(value);
  if (value['jsonrpc'] !== '2.0') throw invalid('"jsonrpc" must be "2.0"', id);
  if (Object.hasOwn(value, '__proto__')) throw invalid('"__proto__" is not a member', id);
  if (value['method'] !== undefined) return toCall(value, id);
  if (Object.hasOwn(value, 'result') && Object.hasOwn(value, 'error')) {
    throw invalid('"result" and "error" exclude each other', id);
  }
  if (Object.hasOwn(value, 'result') && id !== undefined)
    return { kind: 'result', id, result: value['result'] as Json };
  if (isJsonObject(value['error'])) return { kind: 'error', id, error: value['error'] };
  throw invalid('"method", "result" or "error" is expected', id);
}

function toCall(value: JsonObject, id: MessageId | undefined): IncomingMessage {
  const { method, params = {} } = value;
  if (typeof method !== 'string' || method === '' || method.length > 128)
    throw invalid('"method" must be a short string', id);
  if (!isJsonObject(params)) throw invalid('"params" must be an object', id);
  if (Object.hasOwn(params, '__proto__')) throw invalid('"__proto__" is not a parameter', id);
  if (params['_meta'] !== undefined && !isJsonObject(params['_meta'])) throw invalid('"_meta" must be an object', id);
  return id === undefined ? { kind: 'notification', method, params } : { kind: 'request', id, method, params };
}

function readId(value: JsonObject): MessageId | undefined {
  const id = value['id'];
  if (id === undefined) return undefined;
  if (typeof id === 'string' && id.length <= 1024 && id.isWellFormed()) return id;
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id;
  if (id === null && value['method'] === undefined) return undefined;
  throw invalid('"id" must be a string or a safe integer');
}

function invalid(problem: string, id?: MessageId): Error {
  return protocolErrors.INVALID_REQUEST({ details: id === undefined ? { problem } : { problem, id } });
}

/** The outer members of a message from a server, found without parsing what lies inside. */
export interface MessageParts {
  readonly id: MessageId | undefined;
  readonly method: string | undefined;
  readonly result: Span | undefined;
  readonly error: Span | undefined;
}

/**
 * Takes a server's message apart by scanning, so that a result can travel on as bytes. What the parts make together is
 * left to the caller.
 * @throws JsonShapeError when it is no object in UTF-8, or its id or method is malformed.
 */
export function splitMessage(bytes: Uint8Array): MessageParts {
  if (!isUtf8(bytes)) throw new JsonShapeError('not UTF-8');
  let id: MessageId | undefined;
  let method: string | undefined;
  let result: Span | undefined;
  let error: Span | undefined;
  for (const { key, value } of scanMembers(bytes)) {
    if (key === 'id') id = readIdBytes(bytes, value);
    else if (key === 'method') method = readStringBytes(bytes, value);
    else if (key === 'result') result = value;
    else if (key === 'error') error = value;
  }
  return { id, method, result, error };
}

function readIdBytes(bytes: Uint8Array, span: Span): MessageId | undefined {
  const id = readScalar(bytes, span);
  if (id === null) return undefined;
  if (typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id))) return id;
  throw new JsonShapeError('id is neither a string nor an integer');
}

function readStringBytes(bytes: Uint8Array, span: Span): string {
  const text = readScalar(bytes, span);
  if (typeof text !== 'string') throw new JsonShapeError('method is not a string');
  return text;
}

function readScalar(bytes: Uint8Array, { start, end }: Span): unknown {
  if (end - start > 2048) throw new JsonShapeError('id or method is too long');
  try {
    return JSON.parse(textOf(bytes, start, end));
  } catch {
    throw new JsonShapeError('id or method is not valid');
  }
}

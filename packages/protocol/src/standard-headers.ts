import { isUtf8 } from 'node:buffer';
import type { JsonObject, McpRequest } from '@hostler/kernel';
import { protocolErrors } from './errors.ts';
import { newestModernRevision } from './revisions.ts';

/** Which parameter `Mcp-Name` mirrors. Source: 2026-07-28, basic/transports (and the tasks extension). */
const NAME_PARAMETER: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The headers of one HTTP request as they bear on the protocol; undefined where absent. */
export interface StandardHeaders {
  readonly protocolVersion: string | undefined;
  readonly method: string | undefined;
  readonly name: string | undefined;
}

/** The value that `Mcp-Name` mirrors for this request; undefined when the method has none. */
export function mirroredName(method: string, params: JsonObject): string | undefined {
  const parameter = NAME_PARAMETER.get(method);
  const value = parameter === undefined ? undefined : params[parameter];
  return typeof value === 'string' ? value : undefined;
}

/**
 * Refuses a modern request whose headers are missing or disagree with its body: whoever acts on the headers (a proxy, a
 * firewall) must see what the server sees.
 * @throws PROTOCOL_HEADER_MISMATCH
 */
export function checkStandardHeaders(headers: StandardHeaders, request: McpRequest, revision: string): void {
  if (headers.protocolVersion === undefined) throw mismatch('MCP-Protocol-Version is missing');
  if (trimHeader(headers.protocolVersion) !== revision) throw mismatch('MCP-Protocol-Version differs from _meta');
  if (headers.method === undefined) throw mismatch('Mcp-Method is missing');
  if (trimHeader(headers.method) !== request.method) throw mismatch('Mcp-Method differs from the method');
  const name = mirroredName(request.method, request.params);
  if (headers.name === undefined) {
    if (name !== undefined) throw mismatch('Mcp-Name is missing');
    return;
  }
  if (!NAME_PARAMETER.has(request.method)) return;
  const decoded = decodeHeaderValue(trimHeader(headers.name));
  if (decoded === undefined) throw mismatch('Mcp-Name is not validly encoded');
  if (name !== undefined && decoded !== name) throw mismatch('Mcp-Name differs from the body');
}

/** The headers of a request to a modern HTTP server. */
export function standardHeaders(request: McpRequest): Record<string, string> {
  const name = mirroredName(request.method, request.params);
  return {
    'mcp-protocol-version': newestModernRevision,
    'mcp-method': request.method,
    ...(name === undefined ? {} : { 'mcp-name': encodeHeaderValue(name) }),
  };
}

/**
 * Visible ASCII goes as it is, everything else as `=?base64?…?=`; so does text that looks like that itself. The markers
 * are case-sensitive. Source: 2026-07-28, basic/transports (value encoding).
 */
export function encodeHeaderValue(value: string): string {
  const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !isMarked(value);
  return plain ? value : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

/** Undefined when the value claims to be encoded and is not, or holds characters that no header may. */
export function decodeHeaderValue(value: string): string | undefined {
  if (!/^[\t\x20-\x7e]*$/.test(value)) return undefined;
  if (!isMarked(value)) return value;
  // The shortest text that fits both markers, `=?base64?=`, shares a character between them.
  if (value.length < PREFIX.length + SUFFIX.length) return undefined;
  const encoded = value.slice(PREFIX.length, -SUFFIX.length);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)) return undefined;
  const decoded = Buffer.from(encoded, 'base64');
  return isUtf8(decoded) ? decoded.toString('utf8') : undefined;
}

function isMarked(value: string): boolean {
  return value.startsWith(PREFIX) && value.endsWith(SUFFIX);
}

/** Takes off what RFC 9110 (5.6.3) allows around a value, and nothing else that looks empty. */
function trimHeader(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value[start])) start++;
  while (end > start && isBlank(value[end - 1])) end--;
  return value.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function mismatch(problem: string): Error {
  return protocolErrors.HEADER_MISMATCH({ details: { problem } });
}

const PREFIX = '=?base64?';
const SUFFIX = '?=';

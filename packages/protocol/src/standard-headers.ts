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
  if (headers.protocolVersion.trim() !== revision) throw mismatch('MCP-Protocol-Version differs from _meta');
  if (headers.method === undefined) throw mismatch('Mcp-Method is missing');
  if (headers.method.trim() !== request.method) throw mismatch('Mcp-Method differs from the method');
  const name = mirroredName(request.method, request.params);
  if (headers.name === undefined) {
    if (name !== undefined) throw mismatch('Mcp-Name is missing');
    return;
  }
  if (!NAME_PARAMETER.has(request.method)) return;
  const decoded = decodeHeaderValue(headers.name.trim());
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

/** Visible ASCII goes as it is, everything else as `=?base64?…?=`. Source: 2026-07-28, basic/transports. */
export function encodeHeaderValue(value: string): string {
  const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !/^=\?base64\?.*\?=$/i.test(value);
  return plain ? value : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

/** Undefined when the value claims to be encoded and is not. */
export function decodeHeaderValue(value: string): string | undefined {
  const encoded = /^=\?base64\?(.*)\?=$/i.exec(value)?.[1];
  if (encoded === undefined) return value;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  return decoded.includes('\ufffd') ? undefined : decoded;
}

function mismatch(problem: string): Error {
  return protocolErrors.HEADER_MISMATCH({ details: { problem } });
}

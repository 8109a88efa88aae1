/** Plain JSON-RPC: tests look at what is on the wire, so nothing here is checked or completed. */
export interface WireMessage {
  readonly jsonrpc?: string;
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export const legacyVersion = '2025-11-25';
export const modernVersion = '2026-07-28';

export interface EnvelopeOptions {
  readonly capabilities?: Readonly<Record<string, unknown>>;
  readonly logLevel?: string;
}

/** What a modern request carries in `params._meta`; 2026-07-28, basic, "Per-request metadata". */
export function modernMeta({ capabilities = {}, logLevel }: EnvelopeOptions = {}): Record<string, unknown> {
  return {
    'io.modelcontextprotocol/protocolVersion': modernVersion,
    'io.modelcontextprotocol/clientInfo': { name: 'hostler-test', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    ...(logLevel !== undefined && { 'io.modelcontextprotocol/logLevel': logLevel }),
  };
}

/** A complete modern request; `_meta` of the caller's params wins over ours, key by key. */
export function modernRequest(
  id: string | number,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  options: EnvelopeOptions = {},
): WireMessage {
  const own = params['_meta'];
  const meta = { ...modernMeta(options), ...(typeof own === 'object' && own) };
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } };
}

/** The headers that must repeat the body; 2026-07-28, Streamable HTTP. */
export function modernHeaders({ method, params }: WireMessage): Record<string, string> {
  const name = params?.['name'] ?? params?.['uri'] ?? params?.['taskId'];
  const isNamed = method !== undefined && /^(tools\/call|prompts\/get|resources\/read|tasks\/\w+)$/.test(method);
  return {
    'mcp-protocol-version': modernVersion,
    ...(method !== undefined && { 'mcp-method': method }),
    ...(isNamed && typeof name === 'string' && { 'mcp-name': inHeader(name) }),
  };
}

/** Source: MCP 2026-07-28, basic/transports, value encoding. */
function inHeader(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`;
}

export function initializeRequest(
  id: string | number,
  { capabilities = {}, version = legacyVersion }: EnvelopeOptions & { readonly version?: string } = {},
): WireMessage {
  return {
    jsonrpc: '2.0',
    id,
    method: 'initialize',
    params: { protocolVersion: version, capabilities, clientInfo: { name: 'hostler-test', version: '1.0.0' } },
  };
}

export const initializedNotification: WireMessage = { jsonrpc: '2.0', method: 'notifications/initialized' };

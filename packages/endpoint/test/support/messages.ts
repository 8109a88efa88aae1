import type { JsonObject } from '@hostler/kernel';
import { metaKeys } from '@hostler/protocol';

export const REVISION = '2026-07-28';

export interface ModernOptions {
  readonly id?: string | number;
  readonly params?: JsonObject;
  readonly capabilities?: JsonObject;
  readonly logLevel?: string;
  readonly revision?: string;
}

/** A modern request with all that it must say of its client. */
export function modern(method: string, options: ModernOptions = {}): JsonObject {
  const { id = 1, params = {}, capabilities = {}, logLevel, revision = REVISION } = options;
  return {
    jsonrpc: '2.0',
    id,
    method,
    params: {
      ...params,
      _meta: {
        ...(params['_meta'] as JsonObject | undefined),
        [metaKeys.protocolVersion]: revision,
        [metaKeys.clientCapabilities]: capabilities,
        [metaKeys.clientInfo]: { name: 'test', version: '1' },
        ...(logLevel === undefined ? {} : { [metaKeys.logLevel]: logLevel }),
      },
    },
  };
}

/** The headers that such a request must come with. */
export function modernHeaders(message: JsonObject): Record<string, string> {
  const params = message['params'] as JsonObject;
  const name = params['name'] ?? params['uri'];
  return {
    'mcp-protocol-version': REVISION,
    'mcp-method': message['method'] as string,
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
  };
}

export function legacy(method: string, id: string | number = 1, params: JsonObject = {}): JsonObject {
  return { jsonrpc: '2.0', id, method, params };
}

export function notification(method: string, params: JsonObject = {}): JsonObject {
  return { jsonrpc: '2.0', method, params };
}

export function initialize(capabilities: JsonObject = {}, protocolVersion = '2025-11-25'): JsonObject {
  return legacy('initialize', 0, { protocolVersion, capabilities, clientInfo: { name: 'test', version: '1' } });
}

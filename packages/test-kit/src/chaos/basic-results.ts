import type { JsonObject, Request } from './call.ts';
import type { Catalog } from './catalog.ts';
import type { ChaosEra } from './startup.ts';

export const modernVersion = '2026-07-28';
const legacyVersion = '2025-11-25';
const serverInfo = { name: 'hostler-chaos', version: '1.0.0' };
const capabilities = { tools: { listChanged: true }, logging: {} };

export type BasicAnswer = { readonly result: JsonObject } | { readonly error: JsonObject };

const failure = (code: number, message: string, data?: JsonObject): BasicAnswer => ({
  error: { code, message, ...(data && { data }) },
});

/** Whether the request names a revision in `_meta`, as modern ones must. */
export function isModernRequest(params: JsonObject): boolean {
  const meta = params['_meta'];
  return typeof meta === 'object' && meta !== null && 'io.modelcontextprotocol/protocolVersion' in meta;
}

/** The answer to everything but a tool call; `undefined` for a tool call. */
export function answerBasics(request: Request, era: ChaosEra, catalog: Catalog): BasicAnswer | undefined {
  const { method, params, isModern } = request;
  const refusal = refuseEra(request, era);
  if (refusal !== undefined) return refusal;
  switch (method) {
    case 'initialize':
      return { result: { protocolVersion: negotiated(params), capabilities, serverInfo } };
    case 'ping':
    case 'logging/setLevel':
      return isModern ? failure(-32_601, `Unknown method ${method}`) : { result: {} };
    case 'server/discover':
      return modernOnly(isModern, {
        supportedVersions: [modernVersion],
        capabilities,
        ttlMs: 0,
        cacheScope: 'private',
        _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
      });
    case 'tools/list':
      return listTools(catalog, params, isModern);
    case 'tools/call':
      return undefined;
    default:
      return failure(-32_601, `Unknown method ${method}`);
  }
}

function refuseEra({ method, params, isModern }: Request, era: ChaosEra): BasicAnswer | undefined {
  if (isModern && era === 'legacy') return failure(-32_601, `Unknown method ${method}`);
  if (!isModern && era === 'modern') {
    const requested = method === 'initialize' ? params['protocolVersion'] : legacyVersion;
    return failure(-32_022, 'Unsupported protocol version', { supported: [modernVersion], requested });
  }
  return undefined;
}

function modernOnly(isModern: boolean, result: JsonObject): BasicAnswer {
  return isModern ? { result: { resultType: 'complete', ...result } } : failure(-32_601, 'Unknown method');
}

function listTools(catalog: Catalog, params: JsonObject, isModern: boolean): BasicAnswer {
  try {
    const page = catalog.page(params['cursor']);
    return { result: { ...(isModern && { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }), ...page } };
  } catch (error) {
    return failure(-32_602, String(error));
  }
}

function negotiated(params: JsonObject): string {
  const known = ['2024-11-05', '2025-03-26', '2025-06-18', legacyVersion];
  const requested = params['protocolVersion'];
  return typeof requested === 'string' && known.includes(requested) ? requested : legacyVersion;
}

import { createExchange } from '@hostler/host';
import { isJsonObject } from '@hostler/kernel';
import type { Consumer, CountedRate, Json, JsonObject } from '@hostler/kernel';
import { resultTypeOf, translateOutcome } from '@hostler/protocol';
import type { Runtime } from '@hostler/runtime';
import { apiErrors } from '../errors.ts';

/** Who asks, and whom. */
export interface Asking {
  readonly runtime: Pick<Runtime, 'host'>;
  readonly consumer: Consumer;
  /** Told of each rate that it is counted against. */
  readonly onCounted?: ((rate: CountedRate) => void) | undefined;
  /** See `Exchange`. */
  readonly traceParent?: string | undefined;
  /** Absent: the whole host. */
  readonly bundle?: string | undefined;
}

/**
 * The result of a request to the whole host or a bundle, through the same door as every client. It is the result of MCP without what
 * only one era has: no `resultType`, `ttlMs`, `cacheScope`.
 * @throws API_REFUSED_BY_SERVER, API_FAILED_AT_SERVER, API_UNFINISHED, and what the host throws
 */
export async function askHost(
  { runtime: { host }, consumer, bundle, onCounted, traceParent }: Asking,
  method: string,
  params: JsonObject,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const scope = { kind: 'all', ...(bundle !== undefined && { bundle }) } as const;
  const exchange = createExchange({
    method,
    params,
    scope,
    consumer,
    signal,
    entry: 'rest',
    traceParent,
    ...(onCounted && { onCounted }),
  });
  const outcome = await host.dispatch(exchange);
  if (outcome.kind === 'error') throw serverError(outcome.payload.value());
  if (outcome.era === 'modern' && resultTypeOf(outcome.payload) !== 'complete') throw apiErrors.UNFINISHED();
  return translateOutcome(outcome, 'legacy', { method, serverInfo: {} }).payload.bytes();
}

/** As `askHost`, parsed. */
async function askHostForValue(
  asking: Asking,
  method: string,
  params: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject> {
  const bytes = await askHost(asking, method, params, signal);
  const value = JSON.parse(Buffer.from(bytes).toString()) as Json;
  return isJsonObject(value) ? value : {};
}

const LISTS = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
} as const;

/** Far more pages than the bounds on the lists of servers allow. */
const MAX_PAGES = 10_000;

/** Every entry of a list, page after page. */
export async function* entriesOf(
  asking: Asking,
  method: keyof typeof LISTS,
  signal: AbortSignal,
): AsyncGenerator<JsonObject> {
  let cursor: Json | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    // oxlint-disable-next-line no-await-in-loop -- a page names the next one
    const result = await askHostForValue(asking, method, cursor === undefined ? {} : { cursor }, signal);
    const entries = result[LISTS[method]];
    if (Array.isArray(entries)) yield* entries.filter(isJsonObject);
    cursor = result['nextCursor'];
    if (typeof cursor !== 'string') return;
  }
}

/** Codes with which a server says that the request was wrong. Source: JSON-RPC 2.0, 5.1; MCP 2025-11-25, server/resources. */
const CALLER_CODES: ReadonlySet<unknown> = new Set([-32_600, -32_601, -32_602, -32_002]);

function serverError(payload: Json): Error {
  const error = isJsonObject(payload) ? payload : {};
  const kind = CALLER_CODES.has(error['code']) ? apiErrors.REFUSED_BY_SERVER : apiErrors.FAILED_AT_SERVER;
  return kind({ details: { error } });
}

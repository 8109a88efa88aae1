import { isHostlerError, isJsonObject } from '@hostler/kernel';
import type { JsonObject, Scope } from '@hostler/kernel';
import type { HostSession } from './host-session.ts';

/** Servers are asked for at most this many pages of one list. */
const MAX_PAGES = 100;

const KEYS = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
} as const;

export type ListMethod = keyof typeof KEYS;

/** Every entry of a list, page after page. */
export async function listAll(
  session: Pick<HostSession, 'request'>,
  method: ListMethod,
  scope?: Scope,
): Promise<JsonObject[]> {
  const entries: JsonObject[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result = await requestPage(session, method, { cursor, scope });
    const found = result[KEYS[method]];
    if (Array.isArray(found)) entries.push(...found.filter(isJsonObject));
    if (typeof result['nextCursor'] !== 'string') break;
    cursor = result['nextCursor'];
  }
  return entries;
}

interface PageRequest {
  readonly cursor: string | undefined;
  readonly scope: Scope | undefined;
}

async function requestPage(
  session: Pick<HostSession, 'request'>,
  method: ListMethod,
  { cursor, scope }: PageRequest,
): Promise<JsonObject> {
  try {
    return await session.request(method, cursor === undefined ? {} : { cursor }, scope ? { scope } : {});
  } catch (error) {
    if (isMethodNotFound(error)) return {};
    throw error;
  }
}

/** A server without the capability has nothing to list. */
function isMethodNotFound(error: unknown): boolean {
  if (!isHostlerError(error)) return false;
  const { error: reason } = error.details;
  return error.kind.rpc === METHOD_NOT_FOUND || (isJsonObject(reason) && reason['code'] === METHOD_NOT_FOUND);
}

/** JSON-RPC 2.0, section 5.1. */
const METHOD_NOT_FOUND = -32_601;

export function textOf(entry: JsonObject, key: string): string {
  const value = entry[key];
  return typeof value === 'string' ? value : '';
}

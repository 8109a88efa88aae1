import type { ServerPlan } from '@hostler/config';
import { createExchange, createHost } from '@hostler/host';
import type { Host } from '@hostler/host';
import { isHostlerError, isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { createPool } from '@hostler/upstream';
import type { PoolOptions } from '@hostler/upstream';
import { serverErrors } from './errors.ts';
import type { ServerTest } from './servers.ts';

/** Servers that may be tested at the same time. */
const TESTS_AT_A_TIME = 4;
const MAX_PAGES = 100;

/** Starts servers apart from all others. Nothing of them is left when the promise settles. */
export function createServerTests(
  parts: Omit<PoolOptions, 'specs'>,
): (plan: ServerPlan, signal: AbortSignal) => Promise<ServerTest> {
  let underWay = 0;
  return async ({ spec }, signal) => {
    if (underWay >= TESTS_AT_A_TIME) throw serverErrors.BUSY();
    underWay += 1;
    const pool = createPool({ ...parts, specs: [{ ...spec, required: false }] });
    const host = createHost({ pool, log: parts.log, clock: parts.clock });
    const onAbort = (): void => void pool.close();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      await pool.start();
      signal.throwIfAborted();
      const [state] = pool.states();
      if (state?.server === undefined) {
        const { problem = 'It did not come up.', problemCode: code = 'UPSTREAM_UNAVAILABLE' } = state ?? {};
        return { ok: false, problem, code };
      }
      const { era, info, capabilities } = state.server;
      const { startedIn = 0 } = state;
      const tools = capabilities['tools'] === undefined ? undefined : await listTools(host, spec.name, signal);
      return { ok: true, era, info, startedIn, ...(tools && { tools }) };
    } catch (error) {
      if (signal.aborted || !isHostlerError(error)) throw error;
      return { ok: false, problem: error.message, code: error.code };
    } finally {
      signal.removeEventListener('abort', onAbort);
      await host.close();
      await pool.close();
      underWay -= 1;
    }
  };
}

async function listTools(host: Host, name: string, signal: AbortSignal): Promise<JsonObject[]> {
  const tools: JsonObject[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result = await request(host, name, { cursor, signal });
    if (Array.isArray(result['tools'])) tools.push(...result['tools'].filter(isJsonObject));
    if (typeof result['nextCursor'] !== 'string') break;
    cursor = result['nextCursor'];
  }
  return tools;
}

async function request(
  host: Host,
  name: string,
  { cursor, signal }: { readonly cursor: string | undefined; readonly signal: AbortSignal },
): Promise<JsonObject> {
  const exchange = createExchange({
    method: 'tools/list',
    params: cursor === undefined ? {} : { cursor },
    scope: { kind: 'server', name },
    consumer: { name: 'hostler' },
    signal,
  });
  const { kind, payload } = await host.dispatch(exchange);
  const value = payload.value();
  if (kind === 'error' || !isJsonObject(value)) throw serverErrors.NO_TOOLS({ details: { server: name } });
  return value;
}

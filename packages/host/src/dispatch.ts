import { Payload } from '@hostler/kernel';
import type { Exchange, Json, JsonObject, Outcome } from '@hostler/kernel';
import { hasMethod, protocolErrors } from '@hostler/protocol';
import type { CatalogEntry } from '@hostler/router';
import type { Connection, Pool } from '@hostler/upstream';
import { listOf } from './catalogs.ts';
import type { Catalogs } from './catalogs.ts';
import { routeErrors } from './errors.ts';
import { emptyOutcome, requestedLevel } from './log-levels.ts';
import type { LogLevels } from './log-levels.ts';
import { RoutedExchange } from './routed-exchange.ts';

export interface DispatchParts {
  readonly pool: Pool;
  readonly catalogs: Catalogs;
  readonly logLevels: LogLevels;
}

/**
 * The path of every request: is there such a method, where does it lead, and there it goes. What usually has nothing to
 * wait for is not async: each such function costs a promise and three turns of the queue on every call.
 */
export function dispatch(parts: DispatchParts, exchange: Exchange): Promise<Outcome> {
  const { method } = exchange.request;
  if (!hasMethod(exchange.client.era, method)) throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
  if (exchange.scope.kind === 'server') return dispatchToServer(parts, exchange.scope.name, exchange);
  return dispatchToAll(parts, exchange);
}

/** One server under its own names: nothing is looked up and nothing rewritten. */
function dispatchToServer(parts: DispatchParts, server: string, exchange: Exchange): Promise<Outcome> {
  if (!parts.pool.spec(server)) throw routeErrors.NOT_FOUND({ details: { kind: 'server', name: server } });
  return reach(parts, server, exchange);
}

async function dispatchToAll(parts: DispatchParts, exchange: Exchange): Promise<Outcome> {
  const { method, params } = exchange.request;
  if (method === 'logging/setLevel') return setLevelEverywhere(parts, exchange);
  const catalog = await parts.catalogs.for(exchange.client);
  const list = listOf(method);
  if (list !== undefined) {
    const page = catalog.page(list, optionalText(params, 'cursor'));
    return { kind: 'result', era: 'legacy', payload: Payload.ofBytes(page) };
  }
  switch (method) {
    case 'tools/call':
    case 'prompts/get': {
      const kind = method === 'tools/call' ? 'tool' : 'prompt';
      const name = text(params, 'name');
      const entry = catalog.find(kind, name) ?? notFound(kind, { name });
      return forward(parts, exchange, entry, { ...params, name: entry.key });
    }
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe': {
      const uri = text(params, 'uri');
      return forward(parts, exchange, catalog.findResource(uri) ?? notFound('resource', { name: uri, uri }), params);
    }
    case 'completion/complete': {
      const { entry, ref } = findReference(catalog, params);
      return forward(parts, exchange, entry, { ...params, ref });
    }
    default:
      throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
  }
}

function forward(
  parts: DispatchParts,
  exchange: Exchange,
  entry: Pick<CatalogEntry, 'server'>,
  params: JsonObject,
): Promise<Outcome> {
  return reach(parts, entry.server, new RoutedExchange(exchange, { method: exchange.request.method, params }));
}

function reach(parts: DispatchParts, server: string, exchange: Exchange): Promise<Outcome> {
  const connection = parts.pool.connection(server, exchange.client);
  if (connection instanceof Promise) return connection.then((opened) => send(parts, server, opened, exchange));
  return send(parts, server, connection, exchange);
}

/** Requests that only one era knows are answered here when the server is of the other one. */
function send(parts: DispatchParts, server: string, connection: Connection, exchange: Exchange): Promise<Outcome> {
  const { request, logLevel, signal } = exchange;
  const { method } = request;
  if (method === 'logging/setLevel') {
    return parts.logLevels.ensure(connection, server, requestedLevel(exchange), signal).then(() => emptyOutcome);
  }
  if (!hasMethod(connection.era, method)) throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
  if (logLevel === undefined) return connection.request(exchange);
  return parts.logLevels.ensure(connection, server, logLevel, signal).then(() => connection.request(exchange));
}

async function setLevelEverywhere(parts: DispatchParts, exchange: Exchange): Promise<Outcome> {
  const level = requestedLevel(exchange);
  const up = parts.pool.states().filter(({ status }) => status === 'up');
  await Promise.allSettled(
    up.map(async ({ name }) => {
      const connection = await parts.pool.connection(name, exchange.client);
      await parts.logLevels.ensure(connection, name, level, exchange.signal);
    }),
  );
  return emptyOutcome;
}

/** What a completion is for, under the names of the server that has it. Source: MCP 2025-11-25, server/utilities/completion. */
function findReference(
  catalog: Awaited<ReturnType<Catalogs['for']>>,
  params: JsonObject,
): { entry: Pick<CatalogEntry, 'server'>; ref: JsonObject } {
  const ref = params['ref'];
  if (typeof ref !== 'object' || ref === null || Array.isArray(ref)) throw badParameter('ref');
  const reference = ref as JsonObject;
  if (reference['type'] === 'ref/prompt') {
    const name = text(reference, 'name');
    const entry = catalog.find('prompt', name) ?? notFound('prompt', { name });
    return { entry, ref: { ...reference, name: entry.key } };
  }
  const uri = text(reference, 'uri');
  const entry = catalog.find('template', uri) ?? catalog.findResource(uri) ?? notFound('resource', { name: uri, uri });
  return { entry, ref: reference };
}

function text(params: JsonObject, name: string): string {
  const value = params[name];
  if (typeof value !== 'string') throw badParameter(name);
  return value;
}

function optionalText(params: JsonObject, name: string): string | undefined {
  const value: Json | undefined = params[name];
  return value === undefined ? undefined : text(params, name);
}

function badParameter(name: string): Error {
  return protocolErrors.INVALID_PARAMS({ details: { problem: `"${name}" is missing or of the wrong type` } });
}

function notFound(kind: string, details: { readonly name: string; readonly uri?: string }): never {
  throw routeErrors.NOT_FOUND({ details: { kind, ...details } });
}

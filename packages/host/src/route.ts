import { isJsonObject } from '@hostler/kernel';
import type { JsonObject, McpRequest, Scope } from '@hostler/kernel';
import { applyArgumentRules, checkArgumentNames, toRawArguments } from '@hostler/router';
import type { Catalog, CatalogEntry } from '@hostler/router';
import { badParameter, notFound, text } from './parameters.ts';

/** Where a request leads. */
export interface Route {
  readonly server: string;
  /** The request under the server's own names. */
  readonly request: McpRequest;
  /** The tool that is called, as its server offers it. */
  readonly tool?: string;
  /** Of a tool or prompt that the catalog has. */
  readonly entry?: CatalogEntry;
  /** What clients call a resource that the result names; absent when the result stays as it is. */
  readonly toPublicUri?: (rawUri: string) => string;
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

type Find = (catalog: Catalog, request: McpRequest) => Omit<Route, 'request'> & { readonly params: JsonObject };

const FINDS: ReadonlyMap<string, Find> = new Map<string, Find>([
  ['tools/call', (catalog, request) => findNamed(catalog, 'tool', request)],
  ['prompts/get', (catalog, request) => findNamed(catalog, 'prompt', request)],
  ['resources/read', findResource],
  ['resources/subscribe', findResource],
  ['resources/unsubscribe', findResource],
  ['completion/complete', findReference],
]);

/** Whether it depends on what a request names where it leads. */
export function isRouted(method: string): boolean {
  return FINDS.has(method);
}

/** @throws ROUTE_NOT_FOUND, PROTOCOL_INVALID_PARAMS */
export function routeOf(catalog: Catalog, request: McpRequest, scope: Scope): Route {
  const { method } = request;
  const find = FINDS.get(method);
  if (find === undefined) throw new TypeError(`${method} leads nowhere`);
  const { server, params, toPublicUri, tool, entry } = find(catalog, request);
  // One server alone speaks of its resources under its own URIs.
  const isRenamed = scope.kind === 'all' && toPublicUri !== undefined;
  const route: Writable<Route> = { server, request: { method, params } };
  if (isRenamed) route.toPublicUri = toPublicUri;
  if (tool !== undefined) route.tool = tool;
  if (entry !== undefined) route.entry = entry;
  return route;
}

function findNamed(catalog: Catalog, kind: 'tool' | 'prompt', { params }: McpRequest): ReturnType<Find> {
  const name = text(params, 'name');
  const entry = catalog.find(kind, name) ?? notFound(kind, { name });
  const { server, key, rules, name: offered = key } = entry;
  const sent = params['arguments'];
  // They would pass the rules, and the record knows only names and values of members. Some clients say `null` for none.
  if (sent !== undefined && sent !== null && !isJsonObject(sent)) throw badParameter('arguments');
  const args = isJsonObject(sent) || rules ? toOwnArguments(server, rules, sent ?? {}) : sent;
  return {
    server,
    params: args === sent ? { ...params, name: key } : { ...params, name: key, arguments: args },
    entry,
    toPublicUri: (rawUri) => catalog.publicUri(server, rawUri),
    ...(kind === 'tool' && { tool: offered }),
  };
}

function toOwnArguments(server: string, rules: CatalogEntry['rules'], sent: JsonObject): JsonObject {
  return toRawArguments(rules === undefined ? sent : applyArgumentRules(rules, sent), server);
}

function findResource(catalog: Catalog, { params }: McpRequest): ReturnType<Find> {
  const uri = text(params, 'uri');
  const { server, key } = catalog.findResource(uri) ?? notFound('resource', { name: uri, uri });
  return {
    server,
    params: uri === key ? params : { ...params, uri: key },
    // What was asked for is called what it was asked for as.
    toPublicUri: (rawUri) => (rawUri === key ? uri : catalog.publicUri(server, rawUri)),
  };
}

/** What a completion is for, under the names of the server that has it. Source: MCP 2025-11-25, server/utilities/completion. */
function findReference(catalog: Catalog, { params }: McpRequest): ReturnType<Find> {
  const { ref, argument } = params;
  if (!isJsonObject(ref)) throw badParameter('ref');
  if (ref['type'] === 'ref/prompt') {
    const name = text(ref, 'name');
    const { server, key, rules } = catalog.find('prompt', name) ?? notFound('prompt', { name });
    const completed = isJsonObject(argument) ? argument['name'] : undefined;
    if (rules && typeof completed === 'string') checkArgumentNames(rules, [completed]);
    return { server, params: { ...params, ref: { ...ref, name: key } } };
  }
  const uri = text(ref, 'uri');
  const { server, key } =
    catalog.find('template', uri) ?? catalog.findResource(uri) ?? notFound('resource', { name: uri, uri });
  return { server, params: { ...params, ref: { ...ref, uri: key } } };
}

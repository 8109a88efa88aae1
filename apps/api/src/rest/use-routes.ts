import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { routeErrors } from '@hostler/host';
import * as v from 'valibot';
import { askHost, entriesOf } from './ask-host.ts';
import { answers } from './schemas.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';

const bundle = v.exactOptional(
  v.pipe(v.string(), v.maxLength(64), v.description('Name of a bundle; absent: the whole host.')),
);

const place = v.strictObject({ bundle });

const page = v.strictObject({
  bundle,
  cursor: v.exactOptional(
    v.pipe(v.string(), v.maxLength(2_048), v.description('`nextCursor` of the page before; absent for the first.')),
  ),
});

/** Anything that is an object: what a tool takes is its own business. */
const members = v.record(v.string(), v.unknown(), 'must be an object');

const callBody = v.strictObject(
  {
    arguments: v.exactOptional(v.pipe(members, v.description('What the tool takes, as its `inputSchema` says.')), {}),
    _meta: v.exactOptional(v.pipe(members, v.description('Handed on to the server.'))),
  },
  'must be an object',
);

const promptBody = v.strictObject(
  {
    arguments: v.exactOptional(
      v.pipe(
        v.record(v.string(), v.string('must be text'), 'must be an object'),
        v.description('What the prompt takes.'),
      ),
      {},
    ),
  },
  'must be an object',
);

const readQuery = v.strictObject({
  bundle,
  uri: v.pipe(
    v.string('is missing'),
    v.minLength(1, 'is missing'),
    v.maxLength(8_192),
    v.description('URI of the resource as it is listed, encoded.'),
  ),
});

const SERVER_PROBLEMS = [429, 502, 503, 504];

function listRoute(
  path: Route['path'],
  method: Parameters<typeof entriesOf>[1],
  about: Pick<Route, 'id' | 'permission' | 'summary'> & { readonly means: string; readonly schema: JsonObject },
): Route {
  return defineRoute({
    method: 'GET',
    path,
    id: about.id,
    permission: about.permission,
    summary: about.summary,
    tag: 'use',
    query: page,
    answer: { status: 200, means: about.means, schema: about.schema },
    problems: [404, 429],
    async work({ runtime, untilStarted }, { consumer, onCounted, traceParent, query, signal }) {
      await untilStarted();
      const { bundle: name, ...params } = query;
      return {
        body: await askHost({ runtime, consumer, onCounted, traceParent, bundle: name }, method, params, signal),
      };
    },
  });
}

/** What clients of MCP do, for programs that speak only HTTP. */
export const useRoutes: readonly Route[] = [
  listRoute('/v1/tools', 'tools/list', {
    id: 'listTools',
    permission: 'tools:use',
    summary: 'List the tools of all servers',
    means: 'A page of tools.',
    schema: answers.tools,
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tools/{name}',
    id: 'getTool',
    permission: 'tools:use',
    summary: 'Show one tool',
    tag: 'use',
    query: place,
    answer: { status: 200, means: 'Its definition.', schema: answers.tool },
    problems: [404, 429],
    async work({ runtime, untilStarted }, { consumer, onCounted, traceParent, path, query, signal }) {
      await untilStarted();
      for await (const tool of entriesOf(
        { runtime, consumer, onCounted, traceParent, ...query },
        'tools/list',
        signal,
      )) {
        if (tool['name'] === path['name']) return { body: tool };
      }
      throw routeErrors.NOT_FOUND({ details: { kind: 'tool', name: (path['name'] ?? '').slice(0, 128) } });
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/tools/{name}/call',
    id: 'callTool',
    permission: 'tools:use',
    summary: 'Call a tool',
    tag: 'use',
    query: place,
    body: callBody,
    answer: {
      status: 200,
      means: 'The result as MCP defines it. With `isError: true` the tool itself has failed.',
      schema: answers.call,
    },
    problems: [404, 413, 415, ...SERVER_PROBLEMS],
    async work({ runtime, untilStarted }, { consumer, onCounted, traceParent, path, query, body, signal }) {
      await untilStarted();
      const params = { ...toJson(body), name: path['name'] ?? '' };
      return {
        body: await askHost({ runtime, consumer, onCounted, traceParent, ...query }, 'tools/call', params, signal),
      };
    },
  }),
  listRoute('/v1/prompts', 'prompts/list', {
    id: 'listPrompts',
    permission: 'prompts:use',
    summary: 'List the prompts of all servers',
    means: 'A page of prompts.',
    schema: answers.prompts,
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/prompts/{name}/get',
    id: 'getPrompt',
    permission: 'prompts:use',
    summary: 'Fill in a prompt',
    tag: 'use',
    query: place,
    body: promptBody,
    answer: { status: 200, means: 'Its messages, as MCP defines them.', schema: answers.prompt },
    problems: [404, 413, 415, ...SERVER_PROBLEMS],
    async work({ runtime, untilStarted }, { consumer, onCounted, traceParent, path, query, body, signal }) {
      await untilStarted();
      const params = { ...toJson(body), name: path['name'] ?? '' };
      return {
        body: await askHost({ runtime, consumer, onCounted, traceParent, ...query }, 'prompts/get', params, signal),
      };
    },
  }),
  listRoute('/v1/resources', 'resources/list', {
    id: 'listResources',
    permission: 'resources:use',
    summary: 'List the resources of all servers',
    means: 'A page of resources.',
    schema: answers.resources,
  }),
  listRoute('/v1/resource-templates', 'resources/templates/list', {
    id: 'listResourceTemplates',
    permission: 'resources:use',
    summary: 'List the resource templates of all servers',
    means: 'A page of resource templates.',
    schema: answers.resourceTemplates,
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/resources/read',
    id: 'readResource',
    permission: 'resources:use',
    summary: 'Read a resource',
    tag: 'use',
    query: readQuery,
    answer: { status: 200, means: 'Its contents, as MCP defines them.', schema: answers.resource },
    problems: [404, ...SERVER_PROBLEMS],
    async work({ runtime, untilStarted }, { consumer, onCounted, traceParent, query, signal }) {
      await untilStarted();
      const { bundle: name, uri } = query;
      return {
        body: await askHost(
          { runtime, consumer, onCounted, traceParent, bundle: name },
          'resources/read',
          { uri },
          signal,
        ),
      };
    },
  }),
];

/** The body was JSON before it was checked. */
function toJson(body: object): JsonObject {
  return isJsonObject(body) ? body : {};
}

import type { JsonObject } from '@hostler/kernel';
import { hostInfo } from '@hostler/upstream';
import { entriesOf } from './ask-host.ts';
import { openApiDocument } from './openapi.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';

/** The host about itself. */
export const aboutRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/info',
    id: 'getInfo',
    permission: 'about:read',
    summary: 'Name, version, uptime and counts',
    tag: 'about',
    answer: { status: 200, means: 'About this host.', schema: answers.info },
    async work({ runtime, readiness, uptime, may }, { consumer, signal }) {
      const { phase, servers: all, configuration } = readiness();
      const servers = all.filter(({ name }) => runtime.host.has({ kind: 'server', name }, consumer));
      const count = async (method: Parameters<typeof entriesOf>[1]): Promise<number> => {
        let total = 0;
        for await (const _ of entriesOf({ runtime, consumer }, method, signal)) total += 1;
        return total;
      };
      const [tools, prompts, resources, resourceTemplates] = await Promise.all([
        count('tools/list'),
        count('prompts/list'),
        count('resources/list'),
        count('resources/templates/list'),
      ]);
      const up = servers.filter(({ status }) => status === 'up').length;
      return {
        body: {
          ...hostInfo,
          eras: ['legacy', 'modern'],
          phase,
          uptime: Math.round(uptime()),
          // What is wrong in the file may name what this consumer does not see.
          configuration: may(consumer, 'health:read') ? configuration : { generation: configuration.generation },
          counts: { servers: servers.length, up, tools, prompts, resources, resourceTemplates },
        },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/schema',
    id: 'getSchema',
    permission: 'about:read',
    summary: 'The JSON Schemas of all tools and prompts',
    tag: 'about',
    answer: { status: 200, means: 'Schemas by name, and the servers that could not be asked.', schema: answers.schema },
    async work({ runtime, readiness, untilStarted }, { consumer, signal }) {
      await untilStarted();
      const tools: Record<string, object> = {};
      for await (const { name, description, inputSchema, outputSchema } of entriesOf(
        { runtime, consumer },
        'tools/list',
        signal,
      )) {
        if (typeof name === 'string') define(tools, name, { description, inputSchema, outputSchema });
      }
      const prompts: Record<string, object> = {};
      for await (const { name, description, arguments: known } of entriesOf(
        { runtime, consumer },
        'prompts/list',
        signal,
      )) {
        if (typeof name === 'string') define(prompts, name, { description, inputSchema: argumentsSchema(known) });
      }
      const unavailable = readiness()
        .servers.filter(({ name, status }) => status !== 'up' && runtime.host.has({ kind: 'server', name }, consumer))
        .map(({ name, status, problem }) => ({ server: name, status, ...(problem !== undefined && { problem }) }));
      return { body: { tools, prompts, unavailable } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/openapi.json',
    id: 'getOpenApi',
    permission: 'about:read',
    summary: 'This API as OpenAPI 3.1',
    tag: 'about',
    answer: { status: 200, means: 'The document.', schema: answers.openapi },
    work: ({ routes }) => ({ body: openApiDocument(routes()) }),
  }),
];

/** Names are servers' own words: one that objects are born with must not change the object. */
function define(target: Record<string, object>, name: string, value: object): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Arguments of prompts are texts. Source: MCP 2025-11-25, server/prompts. */
function argumentsSchema(known: unknown): JsonObject {
  const entries = (Array.isArray(known) ? known : []) as readonly JsonObject[];
  const properties: Record<string, JsonObject> = {};
  for (const { name, description } of entries) {
    if (typeof name !== 'string') continue;
    define(properties, name, { type: 'string', ...(typeof description === 'string' && { description }) });
  }
  const required = entries.flatMap(({ name, required: isRequired }) =>
    isRequired === true && typeof name === 'string' ? [name] : [],
  );
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

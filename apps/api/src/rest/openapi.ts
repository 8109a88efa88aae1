import { STATUS_CODES } from 'node:http';
import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { hostInfo } from '@hostler/upstream';
import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { placesOf } from './route.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';

const TAGS = [
  { name: 'use', description: 'Tools, prompts and resources of all servers, under their public names.' },
  { name: 'about', description: 'The host about itself.' },
  { name: 'servers', description: 'Servers while the host runs. Changes need `api.servers.enabled: true`.' },
  { name: 'secrets', description: 'Where secrets are used and how they are; never a value.' },
  { name: 'log', description: 'What is written into the log.' },
  { name: 'oauth', description: 'What users have let the host do for them at servers; never a token.' },
];

/** The routes as OpenAPI 3.1, out of the schemas that check the requests. */
export function openApiDocument(routes: readonly Route[]): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Hostler',
      version: hostInfo.version,
      description:
        'What MCP clients do, for programs that speak only HTTP, and the servers behind it. Where consumers are configured, every request needs the key or token of one; without any, none. What is listed and called is what that consumer may see; what else it may do its roles say: every operation names the permission that it needs.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { key: [] }, {}],
    tags: TAGS,
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'A key of a consumer, or a token of a configured issuer.',
        },
        key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'A key of a consumer.' },
      },
      schemas: { Problem: answers.problem },
      responses: {
        Problem: {
          description: 'What went wrong.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operationOf({
  id,
  summary,
  tag,
  permission,
  path,
  query,
  body,
  bodySchema,
  answer,
  problems = [],
}: Route): JsonObject {
  const parameters = [...placesOf(path).map(pathParameter), ...queryParameters(query)];
  const schema = bodySchema?.() ?? (body && schemaOf(body));
  return {
    operationId: id,
    summary,
    description: `Needs the permission \`${permission}\`.`,
    'x-permission': permission,
    tags: [tag],
    ...(parameters.length > 0 && { parameters }),
    ...(schema && { requestBody: { required: true, content: { 'application/json': { schema } } } }),
    responses: {
      [answer.status]: {
        description: answer.means,
        ...(answer.schema && { content: { 'application/json': { schema: answer.schema } } }),
      },
      ...Object.fromEntries(
        [...new Set([400, 401, 403, ...problems])]
          .toSorted((one, other) => one - other)
          .map((status) => [status, problemOf(status)]),
      ),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function problemOf(status: number): JsonObject {
  return {
    description: STATUS_CODES[status] ?? 'Error',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function pathParameter(name: string): JsonObject {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

function queryParameters(query: GenericSchema | undefined): JsonObject[] {
  if (query === undefined) return [];
  const { properties, required } = schemaOf(query);
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(isJsonObject(properties) ? properties : {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: needed.includes(name),
    schema,
  }));
}

/** Without the mark of its dialect: a whole document of OpenAPI 3.1 is of JSON Schema 2020-12. */
function schemaOf(schema: GenericSchema): JsonObject {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode: 'input',
    ignoreActions: ['check'],
  }) as JsonObject;
  return rest;
}

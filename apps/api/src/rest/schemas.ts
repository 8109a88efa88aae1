import type { JsonObject } from '@hostler/kernel';
import { secretAnswers } from './secret-schemas.ts';
import { serverAnswers } from './server-schemas.ts';

const anyObject: JsonObject = { type: 'object' };

function listOf(name: string, key = 'name'): JsonObject {
  return {
    type: 'object',
    properties: {
      [name]: { type: 'array', items: { type: 'object', properties: { [key]: { type: 'string' } }, required: [key] } },
      nextCursor: { type: 'string', description: 'Present when there are more: the `cursor` of the next page.' },
    },
    required: [name],
  };
}

const LEVELS = ['debug', 'info', 'warn', 'error'];

/** What answers look like. They describe and check nothing: results are what servers say. */
export const answers = {
  tools: listOf('tools'),
  tool: { type: 'object', properties: { name: { type: 'string' }, inputSchema: anyObject }, required: ['name'] },
  call: {
    type: 'object',
    properties: {
      content: { type: 'array', items: anyObject },
      structuredContent: anyObject,
      isError: { type: 'boolean' },
      _meta: anyObject,
    },
    required: ['content'],
  },
  prompts: listOf('prompts'),
  prompt: {
    type: 'object',
    properties: { description: { type: 'string' }, messages: { type: 'array', items: anyObject } },
    required: ['messages'],
  },
  resources: listOf('resources', 'uri'),
  resourceTemplates: listOf('resourceTemplates', 'uriTemplate'),
  resource: {
    type: 'object',
    properties: { contents: { type: 'array', items: anyObject } },
    required: ['contents'],
  },
  info: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      version: { type: 'string' },
      eras: { type: 'array', items: { type: 'string', enum: ['legacy', 'modern'] } },
      phase: { type: 'string', enum: ['starting', 'running', 'stopping'] },
      uptime: { type: 'integer', description: 'Milliseconds.' },
      configuration: {
        type: 'object',
        properties: { generation: { type: 'integer' }, problem: { type: 'string' } },
        required: ['generation'],
      },
      counts: {
        type: 'object',
        properties: Object.fromEntries(
          ['servers', 'up', 'tools', 'prompts', 'resources', 'resourceTemplates'].map((kind) => [
            kind,
            { type: 'integer' },
          ]),
        ),
      },
    },
    required: ['name', 'version', 'eras', 'phase', 'uptime', 'counts'],
  },
  schema: {
    type: 'object',
    properties: {
      tools: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          properties: { description: { type: 'string' }, inputSchema: anyObject, outputSchema: anyObject },
        },
      },
      prompts: { type: 'object', additionalProperties: { type: 'object', properties: { inputSchema: anyObject } } },
      unavailable: {
        type: 'array',
        description: 'Servers that are not up: what they offer may be missing here.',
        items: {
          type: 'object',
          properties: { server: { type: 'string' }, status: { type: 'string' }, problem: { type: 'string' } },
        },
      },
    },
    required: ['tools', 'prompts', 'unavailable'],
  },
  openapi: { type: 'object', description: 'A document of OpenAPI 3.1.' },
  ...serverAnswers,
  ...secretAnswers,
  grants: {
    type: 'object',
    properties: {
      grants: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            id: { type: 'string' },
            server: { type: 'string' },
            consumer: { type: 'string' },
            subject: { type: 'string', description: 'Who of the consumer; absent where that is one.' },
            issuer: { type: 'string', description: 'Who gave the token.' },
            scope: { type: 'string' },
            obtainedAt: { type: 'string', format: 'date-time' },
            renewable: { type: 'boolean', description: 'Whether the host renews it without its user.' },
          },
          required: ['id', 'server', 'consumer', 'issuer', 'obtainedAt', 'renewable'],
        },
      },
    },
    required: ['grants'],
  },
  logLevels: {
    type: 'object',
    properties: {
      level: { type: 'string', enum: LEVELS },
      modules: {
        type: 'object',
        description: 'Parts of the host with a level of their own.',
        additionalProperties: { type: 'string', enum: LEVELS },
      },
    },
    required: ['level', 'modules'],
  },
  problem: {
    type: 'object',
    description: 'RFC 9457, with the members that every error of Hostler has.',
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string', description: 'Stable; see docs/errors.md.' },
      requestId: { type: 'string' },
      mayHaveRun: { type: 'boolean', description: 'Whether the call may have taken effect.' },
      problems: {
        type: 'array',
        description: 'Everything that is wrong with the request.',
        items: {
          type: 'object',
          properties: {
            pointer: { type: 'string', description: 'Into the body (RFC 6901).' },
            parameter: { type: 'string', description: 'Of the query.' },
            message: { type: 'string' },
            hint: { type: 'string' },
          },
          required: ['message'],
        },
      },
      error: { type: 'object', description: 'The JSON-RPC error of the server that was asked.' },
    },
    required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  },
} as const satisfies Readonly<Record<string, JsonObject>>;

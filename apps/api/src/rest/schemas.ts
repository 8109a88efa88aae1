import type { JsonObject } from '@hostler/kernel';

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

const drift: JsonObject = {
  type: 'object',
  description: 'Names of the servers that are not as the file has them.',
  properties: Object.fromEntries(
    ['added', 'changed', 'removed', 'disabled', 'enabled'].map((kind) => [
      kind,
      { type: 'array', items: { type: 'string' } },
    ]),
  ),
};

const server: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    origin: { type: 'string', enum: ['file', 'runtime', 'code'] },
    disabled: { type: 'boolean' },
    state: {
      type: 'object',
      description: 'Absent while it is disabled.',
      properties: {
        status: { type: 'string', enum: ['starting', 'up', 'down', 'blocked'] },
        phase: { type: 'string' },
        required: { type: 'boolean' },
        restarts: { type: 'integer' },
        startedIn: { type: 'integer', description: 'Milliseconds from start to a negotiated connection.' },
        problem: { type: 'string' },
        code: { type: 'string' },
        era: { type: 'string', enum: ['legacy', 'modern'] },
        info: { type: 'object', description: 'The name and version it gives itself.' },
      },
      required: ['status', 'phase', 'required', 'restarts'],
    },
    settings: { type: 'object', description: 'As it was written; literal values of `env` and `headers` are `[set]`.' },
  },
  required: ['name', 'origin', 'disabled'],
};

const texts: JsonObject = { type: 'array', items: { type: 'string' } };

const secretProblem: JsonObject = {
  type: 'object',
  properties: { reference: { type: 'string' }, code: { type: 'string' }, problem: { type: 'string' } },
  required: ['reference', 'code', 'problem'],
};

const secretRow: JsonObject = {
  type: 'object',
  properties: {
    reference: { type: 'string' },
    scheme: { type: 'string' },
    version: { type: 'string', description: 'Its name at the provider.' },
    age: {
      type: 'integer',
      description: 'Milliseconds since the provider confirmed the value; absent: there is none.',
    },
    pinned: { type: 'boolean', description: 'One version, which cannot change.' },
    stale: { type: 'boolean', description: 'An old value is used, because the provider is unavailable.' },
    weak: { type: 'boolean', description: 'Too short to be masked.' },
    usedBy: { ...texts, description: 'Places in the configuration.' },
    code: { type: 'string' },
    problem: { type: 'string', description: 'Why it could not be read when that was last tried.' },
  },
  required: ['reference', 'scheme', 'pinned', 'stale', 'weak', 'usedBy'],
};

const failingRotation: JsonObject = {
  type: 'object',
  properties: {
    server: { type: 'string' },
    code: { type: 'string' },
    problem: { type: 'string' },
    since: { type: 'string', format: 'date-time' },
  },
  required: ['server', 'code', 'problem', 'since'],
};

const leak: JsonObject = {
  type: 'object',
  properties: {
    secret: { type: 'string', description: 'Its reference.' },
    server: { type: 'string' },
    direction: { type: 'string', enum: ['result', 'argument'] },
    action: { type: 'string', enum: ['masked', 'refused'] },
    count: { type: 'integer' },
  },
  required: ['secret', 'server', 'direction', 'action', 'count'],
};

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
  server,
  servers: {
    type: 'object',
    properties: {
      servers: { type: 'array', items: server },
      drift,
      changes: {
        type: 'object',
        properties: { enabled: { type: 'boolean', description: 'Whether `api.servers.enabled` is set.' } },
      },
    },
    required: ['servers', 'drift', 'changes'],
  },
  test: {
    type: 'object',
    properties: {
      ok: { type: 'boolean' },
      era: { type: 'string' },
      info: anyObject,
      startedIn: { type: 'integer' },
      tools: { type: 'array', items: anyObject },
      problem: { type: 'string' },
      code: { type: 'string' },
    },
    required: ['ok'],
  },
  saved: {
    type: 'object',
    properties: { file: { type: 'string' }, backup: { type: 'string' }, saved: drift },
    required: ['saved'],
  },
  applied: {
    type: 'object',
    properties: {
      generation: { type: 'integer' },
      ...Object.fromEntries(
        ['added', 'changed', 'removed', 'unchanged', 'applied', 'restart'].map((kind) => [
          kind,
          { type: 'array', items: { type: 'string' } },
        ]),
      ),
      failed: { type: 'array', items: anyObject },
    },
    required: ['generation'],
  },
  secrets: {
    type: 'object',
    properties: {
      secrets: { type: 'array', items: secretRow },
      rotations: {
        type: 'array',
        description: 'Servers that could not be given their changed secrets, and run with those they have.',
        items: failingRotation,
      },
      leaks: { type: 'array', description: 'What the leak guard found since the start.', items: leak },
      changes: {
        type: 'object',
        properties: { enabled: { type: 'boolean', description: 'Whether `api.secrets.enabled` is set.' } },
      },
    },
    required: ['secrets', 'rotations', 'leaks', 'changes'],
  },
  rotated: {
    type: 'object',
    properties: {
      changed: texts,
      failed: { type: 'array', items: secretProblem },
      servers: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            outcome: { type: 'string', enum: ['renewed', 'restarted', 'kept'] },
            code: { type: 'string' },
            problem: { type: 'string' },
          },
          required: ['name', 'outcome'],
        },
      },
    },
    required: ['changed', 'failed', 'servers'],
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

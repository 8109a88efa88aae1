import type { JsonObject } from '@hostler/kernel';

const anyObject: JsonObject = { type: 'object' };

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
    unapproved: {
      type: 'array',
      description:
        'In what it is not as it was approved; absent where there is no lockfile, and in answers to changes.',
      items: {
        type: 'object',
        properties: {
          grade: { type: 'string', enum: ['wording', 'hints', 'schema', 'new', 'removed', 'server'] },
          kind: { type: 'string', enum: ['tool', 'prompt', 'template'] },
          name: { type: 'string' },
          members: { type: 'array', items: { type: 'string' } },
          direction: { type: 'string', enum: ['narrowed', 'widened'] },
          renamedFrom: { type: 'string' },
        },
        required: ['grade'],
      },
    },
  },
  required: ['name', 'origin', 'disabled'],
};

/** What is said of the servers. */
export const serverAnswers = {
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
} as const satisfies Readonly<Record<string, JsonObject>>;

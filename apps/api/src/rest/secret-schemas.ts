import type { JsonObject } from '@hostler/kernel';

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

/** What is said of the secrets, and never a value. */
export const secretAnswers = {
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
} as const satisfies Readonly<Record<string, JsonObject>>;

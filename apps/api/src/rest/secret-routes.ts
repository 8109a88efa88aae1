import type { SecretRow } from '@hostler/runtime';
import * as v from 'valibot';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';

/** As many references as one host may have, and more than anybody names. */
const MOST_REFERENCES = 1_000;

const rotateBody = v.strictObject(
  {
    references: v.exactOptional(
      v.pipe(
        v.array(v.string('must be a reference'), 'must be a list of references'),
        v.minLength(1, 'must not be empty'),
        v.maxLength(MOST_REFERENCES, `must hold ${MOST_REFERENCES} references at most`),
        v.description('Only these, pinned ones too; absent: all that are not pinned.'),
      ),
    ),
  },
  'must be an object',
);

/** Secrets of the running host, without their values. */
export const secretRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/secrets',
    id: 'listSecrets',
    permission: 'secrets:read',
    summary: 'List the secret references, where they are used and how they are',
    tag: 'secrets',
    answer: { status: 200, means: 'All references and what the leak guard found; no values.', schema: answers.secrets },
    work: ({ runtime, readiness }) => ({
      body: {
        secrets: runtime.secrets.list().map(describeRow),
        rotations: readiness().secrets.rotations,
        leaks: runtime.secrets.leaks(),
        changes: { enabled: runtime.plan.api.secrets.enabled },
      },
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/secrets/rotate',
    id: 'rotateSecrets',
    permission: 'secrets:rotate',
    summary: 'Read secrets again and give changed ones to the servers that use them; no call fails',
    tag: 'secrets',
    changes: 'secrets',
    body: rotateBody,
    answer: { status: 200, means: 'What has changed, and what became of the servers.', schema: answers.rotated },
    problems: [403, 404, 413, 415],
    work: async ({ runtime }, { body, signal }) => ({ body: await runtime.secrets.rotate(body, signal) }),
  }),
];

/** Milliseconds, whole. */
function describeRow({ age, ...row }: SecretRow): object {
  return { ...row, ...(age !== undefined && { age: Math.round(age) }) };
}

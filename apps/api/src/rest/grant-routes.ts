import { oauthErrors } from '@hostler/auth';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';

/** What users have let the host do for them at servers, without the tokens. Everybody sees and gives up their own. */
export const grantRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/oauth/grants',
    id: 'listGrants',
    permission: 'grants:use',
    summary: 'List who has agreed that the host uses which server for them; with grants:read of everybody',
    tag: 'oauth',
    answer: { status: 200, means: 'Grants, without the tokens.', schema: answers.grants },
    async work({ runtime, may }, { consumer }) {
      const grants = await runtime.tokens.list(may(consumer, 'grants:read') ? undefined : consumer);
      const described = grants.map(({ obtainedAt, ...grant }) => ({
        ...grant,
        obtainedAt: new Date(obtainedAt).toISOString(),
      }));
      return { body: { grants: described } };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v1/oauth/grants/{id}',
    id: 'revokeGrant',
    permission: 'grants:use',
    summary: 'Forget the tokens of a grant: its user is asked again; with grants:revoke those of everybody',
    tag: 'oauth',
    changes: 'grants',
    answer: { status: 204, means: 'The host has no such tokens any more.' },
    problems: [403, 404],
    async work({ runtime, may }, { consumer, path: { id = '' } }) {
      const isGone = await runtime.tokens.revoke(id, may(consumer, 'grants:revoke') ? undefined : consumer);
      if (!isGone) throw oauthErrors.GRANT_UNKNOWN();
      return { status: 204 };
    },
  }),
];

import { logLevelsSchema } from '@hostler/config';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';

/** What the running host writes into its log. */
export const logRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/log',
    id: 'getLogLevels',
    permission: 'log:read',
    summary: 'Tell which records are written, of all parts of the host and of single ones',
    tag: 'log',
    answer: { status: 200, means: 'The levels at the moment.', schema: answers.logLevels },
    work: ({ runtime }) => ({ body: runtime.logs.levels() }),
  }),
  defineRoute({
    method: 'PUT',
    path: '/v1/log',
    id: 'setLogLevels',
    permission: 'log:write',
    summary: 'Write other records, until the configuration says something new or the host stops',
    tag: 'log',
    changes: 'log',
    body: logLevelsSchema,
    answer: { status: 200, means: 'The levels from now on.', schema: answers.logLevels },
    problems: [403, 413, 415],
    work({ runtime }, { body, consumer }) {
      runtime.logs.change(body);
      runtime.log.info({ consumer: consumer.name, levels: body }, 'the log levels were changed');
      return { body: runtime.logs.levels() };
    },
  }),
];

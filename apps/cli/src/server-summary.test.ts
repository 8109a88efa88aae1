import type { UpstreamState } from '@hostler/upstream';
import { secretErrors } from '@hostler/secrets';
import { expect, it } from 'vitest';
import { summarize } from './server-summary.ts';

const state: UpstreamState = {
  name: 'jira',
  status: 'up',
  phase: 'closed',
  required: false,
  restarts: 0,
  server: { era: 'modern', info: { name: 'jira' }, capabilities: { tools: {} } } as never,
};

it('a server that has other credentials for each caller is no trouble: what it offers is for those to see', async () => {
  const request = () =>
    Promise.reject(secretErrors.CLAIM_REFUSED({ details: { server: 'jira', claim: 'sub', problem: 'is missing' } }));
  expect(await summarize({ states: [state], request }, ['tools'])).toEqual([
    { name: 'jira', status: 'up', era: 'modern', isPersonal: true },
  ]);
});

it('any other failure of its lists is told', async () => {
  const request = () => Promise.reject(new Error('it broke'));
  expect(await summarize({ states: [state], request }, ['tools'])).toMatchObject([
    { problem: 'Its lists cannot be read: it broke' },
  ]);
});

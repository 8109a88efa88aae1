import { expect, it } from 'vitest';
import { toPlan } from '@hostler/config';
import type { UpstreamState } from '@hostler/upstream';
import { createFakeRuntime } from '../test/support/fake-runtime.ts';
import { createMasking } from './masking.ts';
import { watchStates } from './server-states.ts';

const plan = toPlan({ servers: { a: { command: 'node' } } }, { source: '/hostler.yaml' });
const starting: UpstreamState = { name: 'a', status: 'starting', phase: 'connecting', required: false, restarts: 1 };

it('shows a server that is being started again as its last attempt left it', () => {
  const runtime = createFakeRuntime(plan, [{ name: 'a' }]);
  const states = watchStates(runtime, createMasking());
  expect(states.now()).toMatchObject([{ status: 'starting' }]);
  const down: UpstreamState = { ...starting, status: 'down', problem: 'It exited.' };
  for (const state of [starting, down, starting]) runtime.emit({ kind: 'state', state });
  expect(states.now()).toEqual([down]);
});

import { expect, it } from 'vitest';
import { createTaskOwners } from './task-owners.ts';

const owner = (viewer: string) => ({ viewer, sessionId: undefined });

it('forgets the oldest task of whoever has the most, and not that of another', () => {
  const owners = createTaskOwners(4);
  owners.remember('one', 'b1', owner('bob'));
  for (const task of ['a1', 'a2', 'a3', 'a4', 'a5']) owners.remember('one', task, owner('alice'));
  const known = ['b1', 'a1', 'a2', 'a3', 'a4', 'a5'].filter((task) => owners.of('one', task) !== undefined);
  expect(known).toEqual(['b1', 'a3', 'a4', 'a5']);
});

it('takes one that was asked for again for new, whoever asks', () => {
  const owners = createTaskOwners(3);
  for (const task of ['a1', 'a2', 'a3']) owners.remember('one', task, owner('alice'));
  owners.remember('one', 'a1', owner('alice'));
  owners.remember('one', 'a2', owner('bob'));
  owners.remember('one', 'b1', owner('bob'));
  expect(owners.of('one', 'a2')).toEqual(owner('bob'));
  // Both had two: the first of them lost its oldest.
  expect([owners.of('one', 'a3'), owners.of('one', 'a1')]).toEqual([undefined, owner('alice')]);
});

it('counts for each server, and forgets one that is gone', () => {
  const owners = createTaskOwners(1);
  owners.remember('one', 'a', owner('alice'));
  owners.remember('two', 'a', owner('bob'));
  expect([owners.of('one', 'a'), owners.of('two', 'a')]).toEqual([owner('alice'), owner('bob')]);
  owners.forget('two');
  expect(owners.of('two', 'a')).toBeUndefined();
});

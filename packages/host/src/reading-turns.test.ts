import { DrivenClock, settle } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { ReadingTurns } from './reading-turns.ts';

function readings(count: number, turns: ReadingTurns) {
  const began: number[] = [];
  const ends = Array.from({ length: count }, () => Promise.withResolvers<void>());
  const all = ends.map(({ promise }, index) =>
    turns.take(() => {
      began.push(index);
      return promise;
    }),
  );
  return { began, ends, all };
}

it('lets sixteen be read at a time, in their order', async () => {
  const { began, ends, all } = readings(20, new ReadingTurns(new DrivenClock()));
  await settle();
  expect(began).toHaveLength(16);
  ends[3]?.resolve();
  ends[5]?.reject(new Error('away'));
  await expect(all[5]).rejects.toThrow('away');
  await all[3];
  await settle();
  expect(began.slice(16)).toEqual([16, 17]);
  for (const { resolve } of ends) resolve();
  await Promise.allSettled(all);
  expect(began).toHaveLength(20);
});

it('does not wait for slow ones, and counts each once', async () => {
  const clock = new DrivenClock();
  const { began, ends, all } = readings(40, new ReadingTurns(clock));
  await settle();
  await clock.pass(500);
  expect(began).toHaveLength(32);
  for (const { resolve } of ends.slice(0, 16)) resolve();
  await Promise.all(all.slice(0, 16));
  await settle();
  expect(began).toHaveLength(32);
  for (const { resolve } of ends) resolve();
  await Promise.all(all);
  expect(began).toHaveLength(40);
});

import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { WriteWatch } from './write-watch.ts';

function watchOver(response: { writableLength: number }): WriteWatch {
  return new WriteWatch(response as Partial<ServerResponse> as ServerResponse, 1_000);
}

test('a reader that takes nothing is noticed after its time, which grows with what waits', () => {
  const response = { writableLength: 64_000 };
  const watch = watchOver(response);
  watch.count(64_000);
  expect([0, 1_000, 2_000, 2_001].map((now) => watch.isStalled(now))).toEqual([false, false, false, true]);
});

test('a reader that takes anything has its time again', () => {
  const response = { writableLength: 64_000 };
  const watch = watchOver(response);
  watch.count(64_000);
  watch.isStalled(0);
  response.writableLength = 63_999;
  expect(watch.isStalled(2_500)).toBe(false);
  expect(watch.isStalled(4_000)).toBe(false);
  expect(watch.isStalled(4_500)).toBe(true);
});

test('a reader for whom nothing waits is never stalled', () => {
  const watch = watchOver({ writableLength: 0 });
  expect([0, 1_000_000].map((now) => watch.isStalled(now))).toEqual([false, false]);
});

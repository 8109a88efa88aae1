import { expect, test } from 'vitest';
import { KeptNotifications } from './kept-notifications.ts';
import { readdressed } from './readdressed.ts';

const log = (data: string | number) => ({ method: 'notifications/message', params: { data } });
const progress = (value: number) => ({
  method: 'notifications/progress',
  params: { progressToken: 1, progress: value },
});

test('the newest 64 are kept, in their order, and given out once', () => {
  const kept = new KeptNotifications();
  for (let index = 0; index < 65; index++) kept.add(log(index));
  expect(kept.take().map(({ params }) => params?.['data'])).toEqual(
    Array.from({ length: 64 }, (_, index) => index + 1),
  );
  expect(kept.take()).toEqual([]);
});

test('of progress only the last is kept, where it came', () => {
  const kept = new KeptNotifications();
  for (const one of [log('a'), progress(1), log('b'), progress(2), log('c')]) kept.add(one);
  expect(kept.take()).toEqual([log('a'), log('b'), progress(2), log('c')]);
});

test('not more than 256 KiB are kept, and nothing that is larger alone', () => {
  const kept = new KeptNotifications();
  const large = 'x'.repeat(100_000);
  for (const data of ['1', '2', '3', '4']) kept.add(log(data + large));
  kept.add(log('x'.repeat(300_000)));
  expect(kept.take()).toEqual([log(`3${large}`), log(`4${large}`)]);
});

test('progress is told under the token of the request that waits, or not at all', () => {
  const request = (meta: object) => ({ method: 'tools/call', params: { _meta: { ...meta } } });
  expect(readdressed(progress(3), request({ progressToken: 'new' }))?.params).toEqual({
    progressToken: 'new',
    progress: 3,
  });
  expect(readdressed(progress(3), request({}))).toBeUndefined();
  expect(readdressed(progress(3), { method: 'tools/call', params: {} })).toBeUndefined();
  expect(readdressed(log('a'), request({}))).toEqual(log('a'));
});

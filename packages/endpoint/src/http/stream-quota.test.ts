import { expect, test } from 'vitest';
import { defaultEndpointLimits } from '../limits.ts';
import { StreamQuota } from './stream-quota.ts';

test('the places of one consumer and of all are counted, and each is given back once', () => {
  const quota = new StreamQuota({ ...defaultEndpointLimits, streams: 3, streamsPerConsumer: 2 });
  const first = quota.take('alice');
  quota.take('alice');
  expect(() => quota.take('alice')).toThrow(expect.objectContaining({ code: 'HTTP_TOO_MANY_STREAMS' }));
  quota.take('bob');
  expect(() => quota.take('bob')).toThrow(expect.objectContaining({ code: 'HTTP_TOO_MANY_STREAMS' }));
  first();
  first();
  quota.take('carol');
  expect(() => quota.take('carol')).toThrow(expect.objectContaining({ code: 'HTTP_TOO_MANY_STREAMS' }));
});

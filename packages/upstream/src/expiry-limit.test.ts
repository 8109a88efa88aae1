import { DrivenClock } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { limitExpiry } from './expiry-limit.ts';

it('expires each secret once a minute, whoever asks for it', async () => {
  const clock = new DrivenClock();
  const expired: string[] = [];
  const resolve = () => Promise.reject(new Error('not asked for'));
  const secrets = limitExpiry({ resolve, expire: (reference) => void expired.push(reference) }, clock);
  secrets.expire('env://A');
  secrets.expire('env://A');
  await clock.pass(59_999);
  secrets.expire('env://B');
  secrets.expire('env://A');
  expect(expired).toEqual(['env://A', 'env://B']);
  await clock.pass(1);
  secrets.expire('env://A');
  secrets.expire('env://B');
  expect(expired).toEqual(['env://A', 'env://B', 'env://A']);
});

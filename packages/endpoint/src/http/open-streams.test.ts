import { expect, test } from 'vitest';
import { defaultEndpointLimits } from '../limits.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { OpenStreams } from './open-streams.ts';
import { Pulse } from './pulse.ts';

const tooMany = expect.objectContaining({ code: 'HTTP_TOO_MANY_STREAMS' });

function setUp() {
  const clock = new ManualClock();
  const limits = { ...defaultEndpointLimits, streams: 3, streamsPerConsumer: 2 };
  const streams = new OpenStreams({ limits, pulse: new Pulse(clock), wallClock: () => 1_000_000 + clock.now() });
  const ended: string[] = [];
  const take = (name: string, expiresAt?: number): (() => void) => {
    const identity = { method: 'jwt', ...(expiresAt !== undefined && { expiresAt }) };
    const giveBack = streams.take({ consumer: { name, identity }, end: () => (ended.push(name), giveBack()) });
    return giveBack;
  };
  return { clock, streams, ended, take };
}

test('the places of one consumer and of all are counted, and each is given back once', () => {
  const { take } = setUp();
  const first = take('alice');
  take('alice');
  expect(() => take('alice')).toThrow(tooMany);
  take('bob');
  expect(() => take('bob')).toThrow(tooMany);
  first();
  first();
  take('carol');
  expect(() => take('carol')).toThrow(tooMany);
});

test('those of certain consumers are ended', () => {
  const { streams, ended, take } = setUp();
  take('alice');
  take('bob');
  streams.endWhere(({ name }) => name === 'alice');
  expect(ended).toEqual(['alice']);
  take('alice');
  take('alice');
});

test('each ends within a second after what was shown for it expired, and nothing is looked at when none expires', () => {
  const { clock, ended, take } = setUp();
  take('alice');
  expect(clock.waiting).toBe(0);
  take('bob', 1_005_000);
  take('carol', 1_007_500);
  clock.advance(4_999);
  expect(ended).toEqual([]);
  clock.advance(1_000);
  expect(ended).toEqual(['bob']);
  clock.advance(3_000);
  expect([ended, clock.waiting]).toEqual([['bob', 'carol'], 0]);
});

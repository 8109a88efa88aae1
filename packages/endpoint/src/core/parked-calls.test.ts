import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { clientErrors } from '../client-errors.ts';
import { ParkedCalls } from './parked-calls.ts';

const limits = { parkedCalls: 3, parkedCallsPerConsumer: 2, parkedBytesPerConsumer: 100, parkedFor: 1_000 };

class FakeCall {
  readonly consumer: { readonly name: string };
  readonly told: string[] = [];

  constructor(consumer = 'alice') {
    this.consumer = { name: consumer };
  }

  giveUp({ code }: { readonly code: string }): void {
    this.told.push(`giveUp ${code}`);
  }

  cancel({ code }: { readonly code: string }): void {
    this.told.push(`cancel ${code}`);
  }
}

function setUp() {
  const clock = new ManualClock();
  return { clock, parked: new ParkedCalls<FakeCall>({ clock, limits }) };
}

test('a call is taken once', () => {
  const { parked, clock } = setUp();
  const call = new FakeCall();
  parked.park('one', call);
  expect(parked.take('two')).toBeUndefined();
  expect(parked.take('one')).toBe(call);
  expect(parked.take('one')).toBeUndefined();
  expect([parked.size, clock.waiting, call.told]).toEqual([0, 0, []]);
});

test('there is room for so many, and for so many of one consumer', () => {
  const { parked } = setUp();
  parked.park('1', new FakeCall());
  expect(parked.hasRoom('alice')).toBe(true);
  parked.park('2', new FakeCall());
  expect([parked.hasRoom('alice'), parked.hasRoom('bob')]).toEqual([false, true]);
  parked.park('3', new FakeCall('bob'));
  expect(parked.hasRoom('bob')).toBe(false);
  parked.take('1');
  expect(parked.hasRoom('alice')).toBe(true);
});

test('a call whose time is over is told so, cannot be taken, and is cancelled when it does not end itself', () => {
  const { parked, clock } = setUp();
  const [one, two] = [new FakeCall(), new FakeCall()];
  parked.park('one', one);
  const leave = parked.park('two', two);
  clock.advance(999);
  expect(one.told).toEqual([]);
  clock.advance(1);
  expect(one.told).toEqual(['giveUp CLIENT_DID_NOT_COME_BACK']);
  expect(parked.take('one')).toBeUndefined();
  leave();
  clock.advance(1_000);
  expect(one.told).toHaveLength(2);
  expect(two.told).toHaveLength(1);
  expect([parked.size, clock.waiting]).toEqual([0, 0]);
});

test('bytes are counted for each consumer until they are given back', () => {
  const { parked } = setUp();
  const [one, two] = [parked.hold('alice', 60), parked.hold('alice', 40)];
  expect(parked.hold('alice', 1)).toBeUndefined();
  expect(parked.hold('bob', 100)).toBeDefined();
  one?.();
  expect(parked.hold('alice', 61)).toBeUndefined();
  two?.();
  expect(parked.hold('alice', 100)).toBeDefined();
});

test('closing ends every call and leaves no room', () => {
  const { parked, clock } = setUp();
  const [one, two] = [new FakeCall(), new FakeCall()];
  parked.park('one', one);
  clock.advance(1_000);
  parked.park('two', two);
  parked.close(clientErrors.GONE());
  expect([one.told.at(-1), two.told]).toEqual(['cancel CLIENT_GONE', ['giveUp CLIENT_GONE', 'cancel CLIENT_GONE']]);
  expect([parked.size, clock.waiting, parked.hasRoom('alice')]).toEqual([0, 0, false]);
});

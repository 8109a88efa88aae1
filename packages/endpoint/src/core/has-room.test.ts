import type { Consumer } from '@hostler/kernel';
import { expect, it } from 'vitest';
import { hasRoom } from './has-room.ts';

const LIMITS = { inFlight: 4, inFlightPerConsumer: 2 };
const known = (name: string): Consumer => ({ name, identity: { method: 'key' } });

function running(...names: string[]) {
  return new Set(names.map((name) => ({ consumer: known(name) })));
}

it.each([
  ['nothing', [], true],
  ['fewer of its own than it may have', ['a', 'b', 'b'], true],
  ['as many', ['a', 'a'], false],
  ['as many of another', ['b', 'b'], true],
  ['all that there may be, of others', ['b', 'b', 'c', 'c'], false],
])('with %s under way a consumer may have one more: %s %s', (_, names, expected) => {
  expect(hasRoom(running(...names), known('a'), LIMITS)).toBe(expected);
});

it('who proves nothing may have all there is', () => {
  expect(hasRoom(running('a', 'a', 'a'), { name: 'a' }, LIMITS)).toBe(true);
  expect(hasRoom(running('a', 'a', 'a', 'a'), { name: 'a' }, LIMITS)).toBe(false);
});

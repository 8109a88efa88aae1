import type { GroupMember, GroupSpec } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { createSelection } from './selection.ts';

const members: readonly GroupMember[] = [
  { server: 'a', weight: 1 },
  { server: 'b', weight: 3 },
  { server: 'c', weight: 1 },
];

function group(strategy: GroupSpec['strategy']): GroupSpec {
  return { name: 'g', members, strategy };
}

/** Looks like chance, and is the same in every run: a linear congruential generator. */
function evenly(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function names(order: readonly GroupMember[]): string {
  return order.map(({ server }) => server).join('');
}

describe('selection', () => {
  it('by priority keeps the order of the configuration', () => {
    const selection = createSelection({ random: () => 0.5 });
    expect(names(selection.order(group('priority'), members, 'x'))).toBe('abc');
  });

  it('round robin starts with each member in turn, for each group by itself', () => {
    const selection = createSelection({ random: () => 0.5 });
    const one = group('round-robin');
    const orders = Array.from({ length: 4 }, () => names(selection.order(one, members, 'x')));
    expect(orders).toEqual(['abc', 'bca', 'cab', 'abc']);
    expect(names(selection.order(group('round-robin'), members, 'x'))).toBe('abc');
    expect(selection.order(one, [], 'x')).toEqual([]);
  });

  it('weighted picks in proportion to the weights', () => {
    const selection = createSelection({ random: evenly() });
    const first = { a: 0, b: 0, c: 0 };
    for (let call = 0; call < 5_000; call++) {
      const [chosen] = selection.order(group('weighted'), members, 'x');
      first[chosen?.server as 'a']++;
    }
    expect(first.b / 5_000).toBeCloseTo(3 / 5, 1);
    expect(first.a / 5_000).toBeCloseTo(1 / 5, 1);
  });

  it('sticky gives one caller one member, spreads callers by weight, and moves only those whose member is gone', () => {
    const selection = createSelection({ random: () => 0.5 });
    const sticky = group('sticky');
    const callers = Array.from({ length: 2_000 }, (_, index) => `session-${index}`);
    const before = callers.map((caller) => names(selection.order(sticky, members, caller)));
    expect(callers.map((caller) => names(selection.order(sticky, members, caller)))).toEqual(before);
    expect(before.filter((order) => order.startsWith('b')).length / 2_000).toBeCloseTo(3 / 5, 1);
    const left = members.filter(({ server }) => server !== 'c');
    for (const [index, caller] of callers.entries()) {
      expect(names(selection.order(sticky, left, caller))).toBe(before[index]?.replace('c', ''));
    }
  });
});

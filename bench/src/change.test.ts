import { describe, expect, it } from 'vitest';
import { changesOf, verdictOf } from './change.ts';
import { measured, sample } from './made-up.ts';

/** Noise of a shared machine: what one round is slower than another, for both versions alike. */
const machine = [1, 1.4, 0.9, 1.1, 2.5, 1, 1.2, 0.8, 1.6, 1, 1.3];
/** And what is left of it between two measurements of one round. */
const jitter = [1.03, 0.97, 1.02, 0.99, 1.2, 0.96, 1.01, 1, 0.94, 1.04, 0.98];

function changed(by: number) {
  const before = machine.map((factor) => sample(60 * factor));
  const after = machine.map((factor, round) => sample(60 * factor * by * (jitter[round] ?? 1)));
  return changesOf(measured({ off: after, 'old off': before, 'byte proxy': before }))[0];
}

describe('changesOf', () => {
  it.each([
    [1, 'same'],
    [1.06, 'slower'],
    [1.15, 'regression'],
    [0.8, 'faster'],
  ])('calls %d times the cost %s, whatever the machine did meanwhile', (by, verdict) => {
    expect(changed(by)).toMatchObject({ target: 'off', verdict });
    expect(changed(by)?.ratio).toBeCloseTo(by, 1);
  });

  it('compares each target with its own other version, where both were measured', () => {
    const changes = changesOf(measured({ off: [sample(1)], deployed: [sample(3)], 'old deployed': [sample(2)] }));
    expect(changes.map(({ target, ratio }) => [target, ratio])).toEqual([['deployed', 1.5]]);
  });
});

describe('verdictOf', () => {
  it.each([
    [1.2, [0.9, 1.5], 'unclear'],
    [0.7, [0.4, 1.05], 'unclear'],
    [1.11, [1.01, 1.3], 'regression'],
    [1.1, [1.01, 1.3], 'slower'],
  ] as const)('a median of %d between %j is %s', (ratio, interval, verdict) => {
    expect(verdictOf(ratio, interval)).toBe(verdict);
  });
});

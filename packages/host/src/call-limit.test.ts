import { DrivenClock } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { createCallLimit } from './call-limit.ts';
import type { CallLimit } from './call-limit.ts';

const CALL = { signal: new AbortController().signal };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How many of these calls get in. */
function admitted(limit: CallLimit, calls: number): number {
  let count = 0;
  for (let call = 0; call < calls; call += 1) {
    try {
      void limit.enter(false, CALL);
      count += 1;
    } catch {
      // It is only counted.
    }
  }
  return count;
}

function refusal(limit: CallLimit, takesPlace = false): unknown {
  try {
    void limit.enter(takesPlace, CALL);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('calls in a time', () => {
  it.each([
    // [count, per, milliseconds between tries, tries each time, over how long, admitted]
    [600, MINUTE, 10, 1, 10 * MINUTE, 6_049],
    [600, MINUTE, 35, 2, 10 * MINUTE, 6_049],
    [600, MINUTE, 1_000, 20, 10 * MINUTE, 6_040],
    [600, MINUTE, 100, 1, 10 * MINUTE, 6_000],
    [7, 1_000, 13, 2, MINUTE, 426],
    [1, 1_000, 50, 1, MINUTE, 60],
    [100, HOUR, 5_000, 1, 10 * HOUR, 1_009],
    [999_983, HOUR, 500, 150, 10 * MINUTE, 167_912],
  ])('lets %i in %i ms through, asked every %i ms for %i, over %i ms: %i', (...row) => {
    const [count, per, step, tries, over, expected] = row;
    const clock = { time: 0, now: () => clock.time, after: () => () => {} };
    const limit = createCallLimit({ calls: { count, per } }, { clock });
    let total = 0;
    for (; clock.time < over; clock.time += step) total += admitted(limit, tries);
    expect(total).toBe(expected);
  });

  it.each([
    ['5 seconds of it', 600, MINUTE, 50],
    ['at least 10', 60, MINUTE, 10],
    ['at least 10', 100, HOUR, 10],
    ['never more than the number', 5, MINUTE, 5],
    ['never more than the number', 100, 1_000, 100],
    ['never more than the number', 1, HOUR, 1],
  ])('lets %s come at once: of %i in %i ms %i', (_, count, per, expected) => {
    const limit = createCallLimit({ calls: { count, per } }, { clock: new DrivenClock() });
    expect(admitted(limit, 1_000)).toBe(expected);
  });

  it('says how long to wait, and what was refused has used nothing up', async () => {
    const clock = new DrivenClock();
    const limit = createCallLimit({ calls: { count: 2, per: MINUTE } }, { clock });
    expect(admitted(limit, 100)).toBe(2);
    expect(refusal(limit)).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: 'Too many calls: at most 2 in a minute.',
      kind: { http: 429, rpc: -32015, retryable: true },
      details: { retryAfter: 30, mayHaveRun: false },
    });
    await clock.pass(29_999);
    expect(refusal(limit)).toMatchObject({ details: { retryAfter: 1 } });
    await clock.pass(1);
    expect([refusal(limit), refusal(limit)]).toMatchObject([undefined, { details: { retryAfter: 30 } }]);
    expect(clock.pending).toBe(0);
  });
});

describe('calls at a time', () => {
  it('gives each place once, and again when it is given back', () => {
    const limit = createCallLimit({ concurrent: 2 }, { clock: new DrivenClock() });
    void limit.enter(true, CALL);
    void limit.enter(true, CALL);
    expect(refusal(limit, true)).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: 'Too many calls: at most 2 at a time.',
      details: { retryAfter: 1, mayHaveRun: false },
    });
    expect(refusal(limit, false)).toBeUndefined();
    limit.leave();
    expect([refusal(limit, true), refusal(limit, true)]).toMatchObject([undefined, { code: 'LIMIT_EXCEEDED' }]);
  });

  it('takes no place for what is too much in its time, and no call for what finds no place', () => {
    const clock = { time: 0, now: () => clock.time, after: () => () => {} };
    const limit = createCallLimit({ calls: { count: 2, per: 1_000 }, concurrent: 1 }, { clock });
    void limit.enter(true, CALL);
    expect(refusal(limit, true)).toMatchObject({ details: { limit: '1 at a time' } });
    limit.leave();
    void limit.enter(true, CALL);
    limit.leave();
    expect(refusal(limit, true)).toMatchObject({ details: { limit: '2 in a second' } });
    clock.time += 1_000;
    expect(refusal(limit, true)).toBeUndefined();
  });
});

describe('other limits', () => {
  it('keep what was used up and what runs', async () => {
    const clock = new DrivenClock();
    const limit = createCallLimit({ calls: { count: 60, per: MINUTE }, concurrent: 3 }, { clock });
    void limit.enter(true, CALL);
    void limit.enter(true, CALL);
    expect(admitted(limit, 4)).toBe(4);
    limit.change({ calls: { count: 10, per: HOUR }, concurrent: 2 });
    expect(refusal(limit, true)).toMatchObject({ details: { limit: '2 at a time' } });
    expect(admitted(limit, 100)).toBe(4);
    limit.change({ calls: { count: 10, per: HOUR }, concurrent: 3 });
    expect([admitted(limit, 100), refusal(limit, true)]).toMatchObject([0, { details: { limit: '10 in an hour' } }]);
    limit.change({ concurrent: 3 });
    expect(refusal(limit, true)).toBeUndefined();
    limit.change({ calls: { count: 1, per: 1_000 } });
    expect(admitted(limit, 5)).toBe(1);
  });

  it('hold from their moment on, not for the time before', async () => {
    const clock = new DrivenClock();
    const limit = createCallLimit({ calls: { count: 60, per: MINUTE } }, { clock });
    expect(admitted(limit, 100)).toBe(10);
    await clock.pass(5_000);
    limit.change({ calls: { count: 10, per: HOUR } });
    expect(admitted(limit, 100)).toBe(5);
  });

  it('never make anybody wait longer than they would from the beginning', () => {
    const limit = createCallLimit({ calls: { count: 1_000, per: 1_000 } }, { clock: new DrivenClock() });
    expect(admitted(limit, 1_000)).toBe(1_000);
    limit.change({ calls: { count: 2, per: 1_000 } });
    expect(refusal(limit)).toMatchObject({ details: { retryAfter: 1 } });
  });
});

import type { CallLimitSpec, ConsumerSpec } from '@hostler/kernel';
import { DrivenClock } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { createLimits } from './create-limits.ts';

const HOURLY: CallLimitSpec = { calls: { count: 2, per: 3_600_000 } };
const consumer = (name: string, limits?: CallLimitSpec): ConsumerSpec => ({
  name,
  keys: [],
  tokens: [],
  ...(limits && { limits }),
});
const refusesMore = expect.objectContaining({ code: 'LIMIT_EXCEEDED' });

describe('createLimits', () => {
  it('has limits for whom the plan has some, each its own', () => {
    const limits = createLimits([consumer('a', HOURLY), consumer('b', HOURLY), consumer('c')], new DrivenClock());
    const [a, b] = ['a', 'b'].map((name) => limits.of({ name }));
    a?.enter(false);
    a?.enter(false);
    expect(() => a?.enter(false)).toThrow(refusesMore);
    expect(() => b?.enter(false)).not.toThrow();
    expect(['c', 'hostler', 'anonymous', '__proto__'].map((name) => limits.of({ name }))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(createLimits(undefined, new DrivenClock()).of({ name: 'anonymous' })).toBeUndefined();
  });

  it('keeps what was used up over another plan, and forgets who is gone', () => {
    const limits = createLimits([consumer('a', HOURLY)], new DrivenClock());
    const before = limits.of({ name: 'a' });
    before?.enter(false);
    limits.change([consumer('b', HOURLY), consumer('a', HOURLY)]);
    expect(limits.of({ name: 'a' })).toBe(before);
    before?.enter(false);
    expect(() => before?.enter(false)).toThrow(refusesMore);
    limits.change([consumer('a', { calls: { count: 3, per: 3_600_000 } })]);
    expect(() => limits.of({ name: 'a' })?.enter(false)).not.toThrow();
    expect(() => limits.of({ name: 'a' })?.enter(false)).toThrow(refusesMore);
    limits.change([consumer('a')]);
    expect(limits.of({ name: 'a' })).toBeUndefined();
    limits.change([consumer('a', HOURLY)]);
    expect(() => limits.of({ name: 'a' })?.enter(false)).not.toThrow();
    limits.change(undefined);
    expect(limits.of({ name: 'a' })).toBeUndefined();
  });
});

import type { ConsumerSpec } from '@hostler/config';
import type { CallLimitSpec } from '@hostler/kernel';
import { DrivenClock } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { createLimits } from './create-limits.ts';

const CALL = { signal: new AbortController().signal };
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
    const limits = createLimits([consumer('a', HOURLY), consumer('b', HOURLY), consumer('c')], {
      clock: new DrivenClock(),
    });
    const [a, b] = ['a', 'b'].map((name) => limits.of({ name }));
    void a?.enter(false, CALL);
    void a?.enter(false, CALL);
    expect(() => a?.enter(false, CALL)).toThrow(refusesMore);
    expect(() => b?.enter(false, CALL)).not.toThrow();
    expect(['c', 'hostler', 'anonymous', '__proto__'].map((name) => limits.of({ name }))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(createLimits(undefined, { clock: new DrivenClock() }).of({ name: 'anonymous' })).toBeUndefined();
  });

  it('keeps what was used up over another plan, and forgets who is gone', () => {
    const limits = createLimits([consumer('a', HOURLY)], { clock: new DrivenClock() });
    const before = limits.of({ name: 'a' });
    void before?.enter(false, CALL);
    limits.change([consumer('b', HOURLY), consumer('a', HOURLY)]);
    expect(limits.of({ name: 'a' })).toBe(before);
    void before?.enter(false, CALL);
    expect(() => before?.enter(false, CALL)).toThrow(refusesMore);
    limits.change([consumer('a', { calls: { count: 3, per: 3_600_000 } })]);
    expect(() => limits.of({ name: 'a' })?.enter(false, CALL)).not.toThrow();
    expect(() => limits.of({ name: 'a' })?.enter(false, CALL)).toThrow(refusesMore);
    limits.change([consumer('a')]);
    expect(limits.of({ name: 'a' })).toBeUndefined();
    limits.change([consumer('a', HOURLY)]);
    expect(() => limits.of({ name: 'a' })?.enter(false, CALL)).not.toThrow();
    limits.change(undefined);
    expect(limits.of({ name: 'a' })).toBeUndefined();
  });
});

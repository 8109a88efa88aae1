import { isHostlerError } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { applyArgumentRules, toArgumentRules } from './argument-rules.ts';

const rules = toArgumentRules({
  pinned: { pin: false },
  nothing: { pin: null },
  filled: { default: [1] },
  hidden: { hide: true },
  shown: { hide: false },
});

function apply(sent: JsonObject): unknown {
  if (rules === undefined) return 'no rules';
  try {
    return applyArgumentRules(rules, sent);
  } catch (thrown) {
    return isHostlerError(thrown) ? thrown.message : thrown;
  }
}

describe('applyArgumentRules', () => {
  it.each([
    [{}, { filled: [1], pinned: false, nothing: null }],
    [
      { filled: 2, other: 3 },
      { filled: 2, other: 3, pinned: false, nothing: null },
    ],
    [{ shown: 1 }, { filled: [1], shown: 1, pinned: false, nothing: null }],
    [{ filled: null }, { filled: null, pinned: false, nothing: null }],
  ])('%j becomes %j', (sent, expected) => {
    expect(apply(sent)).toEqual(expected);
  });

  it.each([['pinned'], ['hidden'], ['nothing']])('refuses %s as unknown', (name) => {
    expect(apply({ [name]: false })).toBe(`Invalid params: there is no argument "${name}".`);
  });

  it('has nothing to do without overrides', () => {
    expect(toArgumentRules(undefined)).toBeUndefined();
    expect(toArgumentRules({})).toBeUndefined();
  });
});

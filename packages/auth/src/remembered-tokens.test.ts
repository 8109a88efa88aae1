import { describe, expect, it } from 'vitest';
import { RememberedTokens } from './remembered-tokens.ts';

const MINUTE = 60_000;
const consumer = { name: 'a' };

describe('remembered tokens', () => {
  it('are forgotten after five minutes, or when they expire', () => {
    let now = 1000;
    const tokens = new RememberedTokens(() => now);
    tokens.add('long', consumer, now + 60 * MINUTE);
    tokens.add('short', consumer, now + MINUTE);
    now += MINUTE - 1;
    expect(tokens.find('short')).toBe(consumer);
    now += 1;
    expect(tokens.find('short')).toBeUndefined();
    now += 4 * MINUTE - 1;
    expect(tokens.find('long')).toBe(consumer);
    now += 1;
    expect(tokens.find('long')).toBeUndefined();
  });

  it('last no longer because the clock was set back', () => {
    let now = 60 * MINUTE;
    const tokens = new RememberedTokens(() => now);
    tokens.add('a', consumer, now + 60 * MINUTE);
    now -= 1;
    expect(tokens.find('a')).toBeUndefined();
  });

  it('are five thousand at most: the oldest goes', () => {
    const tokens = new RememberedTokens(() => 0);
    for (let index = 0; index <= 5_000; index += 1) tokens.add(String(index), consumer, MINUTE);
    expect(tokens.find('0')).toBeUndefined();
    expect(tokens.find('1')).toBe(consumer);
    expect(tokens.find('5000')).toBe(consumer);
  });
});

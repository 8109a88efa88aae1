import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyedDigest } from './keyed-digest.ts';

const TEXTS: Readonly<Record<string, string>> = {
  'no text': '',
  'a short one': '{"message":"hello"}',
  'one of many bytes a character': '\u{1f600}é€'.repeat(700),
  'one that is no UTF-16': 'a\ud800b\udfff',
  'the longest short one': '€'.repeat(5_000),
  'the shortest long one': '€'.repeat(5_001),
};

describe('createKeyedDigest', () => {
  it.each(Object.entries(TEXTS))('is HMAC-SHA256, whatever came before: %s', (_name, text) => {
    const key = Buffer.alloc(32, 7);
    const digest = createKeyedDigest(key);
    const expected = createHmac('sha256', key).update(text).digest('hex');
    expect(digest(text)).toBe(expected);
    digest('x'.repeat(5_000));
    expect(digest(text)).toBe(expected);
    expect(createKeyedDigest(Buffer.alloc(32, 8))(text)).not.toBe(expected);
  });
});

import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createStateSeal, maxStateBytes } from './request-state.ts';
import type { StateBinding } from './request-state.ts';

const key = randomBytes(32);
const request = { method: 'tools/call', params: { name: 't', arguments: { a: 1, b: [2] } } };
const binding: StateBinding = { consumer: 'alice', scope: { kind: 'server', name: 's' }, request };

function sealAt(time = { now: 0 }, sealKey: Uint8Array = key) {
  return createStateSeal({ key: sealKey, now: () => time.now, lifetime: 1_000 });
}

describe('a sealed state', () => {
  test('gives its content and its id back to whom it belongs', () => {
    const seal = sealAt();
    const { id, text } = seal.seal('größe', binding);
    expect(seal.open(text, binding)).toEqual({ id, content: 'größe' });
    expect(text).toMatch(/^[\w-]+$/);
  });

  test('is another each time, and shows nothing of its content', () => {
    const seal = sealAt();
    const [one, two] = [seal.seal('content', binding), seal.seal('content', binding)];
    expect(one.id).not.toBe(two.id);
    expect(one.text.slice(-30)).not.toBe(two.text.slice(-30));
    expect(Buffer.from(one.text, 'base64url').includes('content')).toBe(false);
  });

  test('holds for a repeated request with its answers, in whatever order its members are written', () => {
    const seal = sealAt();
    const { text } = seal.seal('', binding);
    const params = {
      requestState: text,
      inputResponses: { a: 1 },
      _meta: { progressToken: 7 },
      arguments: { b: [2], a: 1 },
      name: 't',
    };
    expect(seal.open(text, { ...binding, request: { method: 'tools/call', params } })).toBeDefined();
  });

  test.each<[string, Partial<StateBinding>]>([
    ['another consumer', { consumer: 'bob' }],
    ['another server', { scope: { kind: 'server', name: 's2' } }],
    ['the whole host', { scope: { kind: 'all' } }],
    ['a bundle of the same name', { scope: { kind: 'all', bundle: 's' } }],
    ['another method', { request: { ...request, method: 'prompts/get' } }],
    ['other arguments', { request: { ...request, params: { ...request.params, arguments: { a: 2, b: [2] } } } }],
    ['one more parameter', { request: { ...request, params: { ...request.params, task: {} } } }],
  ])('does not open for %s', (_, change) => {
    const seal = sealAt();
    const { text } = seal.seal('', binding);
    expect(seal.open(text, { ...binding, ...change })).toBeUndefined();
    expect(seal.open(text, binding)).toBeDefined();
  });

  test('of a bundle opens there alone', () => {
    const seal = sealAt();
    const ofBundle = { ...binding, scope: { kind: 'all', bundle: 'a' } } as const;
    const { text } = seal.seal('', ofBundle);
    expect(seal.open(text, ofBundle)).toBeDefined();
    const others = [{ kind: 'all' }, { kind: 'all', bundle: 'b' }, { kind: 'server', name: 'a' }] as const;
    for (const scope of others) expect(seal.open(text, { ...binding, scope })).toBeUndefined();
  });

  test('does not open when its time is over', () => {
    const time = { now: 5 };
    const seal = sealAt(time);
    const { text } = seal.seal('', binding);
    time.now = 1_004;
    expect(seal.open(text, binding)).toBeDefined();
    time.now = 1_005;
    expect(seal.open(text, binding)).toBeUndefined();
  });

  test('does not open with another key', () => {
    const { text } = sealAt().seal('', binding);
    expect(sealAt({ now: 0 }, randomBytes(32)).open(text, binding)).toBeUndefined();
  });

  test('does not open when any bit or character of it is another', () => {
    const seal = sealAt();
    const { text } = seal.seal('s', binding);
    const bytes = Buffer.from(text, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3] = altered[bit >> 3]! ^ (1 << (bit & 7));
      expect(seal.open(altered.toString('base64url'), binding)).toBeUndefined();
    }
    const last = text.slice(0, -1);
    const others = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      .split('')
      .map((end) => last + end);
    const alike = [...others, `${text}=`, `${text}-TAMPERED`, ` ${text}`, `${text}\n`, text.replace(/.$/, '$&!'), last];
    const opened = alike.filter((other) => other !== text && seal.open(other, binding) !== undefined);
    expect(opened).toEqual([]);
  });

  test.each([undefined, null, 7, {}, '', 'x', 'A'.repeat(80), 'A'.repeat(1_000_000)])('is not %j', (text) => {
    expect(sealAt().open(text, binding)).toBeUndefined();
  });

  test('holds 8 KiB and not a byte more', () => {
    const seal = sealAt();
    const content = 'x'.repeat(maxStateBytes);
    expect(seal.open(seal.seal(content, binding).text, binding)?.content).toBe(content);
    expect(() => seal.seal(`${content}x`, binding)).toThrow(
      expect.objectContaining({
        code: 'PROTOCOL_STATE_TOO_LARGE',
        details: { limit: 8_192, mayHaveRun: true },
      }) as Error,
    );
  });
});

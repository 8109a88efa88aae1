import { Payload } from '@hostler/kernel';
import { expect, test } from 'vitest';
import { createRandom, randomJson, writeLoosely } from '../test/random-json.ts';
import type { Random } from '../test/random-json.ts';
import { arrivingLegacyResult } from './translate-arriving.ts';
import { translateOutcome } from './translate.ts';

function whole(method: string, result: Uint8Array): string {
  const outcome = { kind: 'result', era: 'modern', payload: Payload.ofBytes(result) } as const;
  return Buffer.from(translateOutcome(outcome, 'legacy', { method, serverInfo: {} }).payload.bytes()).toString();
}

function arriving(method: string, result: Uint8Array, size: () => number): string {
  const members = arrivingLegacyResult(method);
  const out: Uint8Array[] = [];
  for (let at = 0; at < result.length;) {
    const end = at + size();
    out.push(...members.push(result.subarray(at, end)));
    at = end;
  }
  return Buffer.concat(out).toString();
}

function modernResult(random: Random): string {
  const info = { 'io.modelcontextprotocol/serverInfo': { name: 'x' } };
  const members: [string, unknown][] = [
    ['resultType', 'complete'],
    ['_meta', random.pick([info, { ...info, other: randomJson(random, 2) }, {}, null])],
    ['ttlMs', 7],
    ['cacheScope', 'public'],
    ['content', [{ type: 'text', text: 'x' }, randomJson(random, 3)]],
    ['structuredContent', random.pick([{ a: randomJson(random, 2) }, [1, { b: 2 }], 'text', 7])],
    ['more "quoted"', randomJson(random, 3)],
  ];
  const chosen = members.filter(([key]) => key === 'content' || random.below(3) > 0);
  for (let index = chosen.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1);
    [chosen[index], chosen[other]] = [chosen[other] as never, chosen[index] as never];
  }
  return writeLoosely(Object.fromEntries(chosen) as never, random);
}

test('a modern result that arrives in pieces becomes the same legacy one, byte for byte', () => {
  for (let seed = 0; seed < 400; seed += 1) {
    const random = createRandom(seed);
    const result = Buffer.from(modernResult(random).trim());
    for (const method of ['tools/call', 'resources/read']) {
      const expected = whole(method, result);
      expect(arriving(method, result, () => 1 + random.below(30))).toBe(expected);
      expect(arriving(method, result, () => 1)).toBe(expected);
    }
  }
});

test('a structured content that is no object is wrapped, and what its sender did not say is not said', () => {
  const result = Buffer.from('{"content":[],"structuredContent":[1]}');
  expect(arriving('tools/call', result, () => 5)).toBe('{"content":[],"structuredContent":{"result":[1]}}');
});

test('a member that has to be changed is not waited for without end', () => {
  const result = Buffer.from(JSON.stringify({ _meta: { a: 'x'.repeat(300 * 1024) } }));
  expect(() => arriving('tools/call', result, () => 65_536)).toThrow('too large');
});

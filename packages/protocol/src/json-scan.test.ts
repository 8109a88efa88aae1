import { isJsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { createRandom, randomJson, randomObject, writeLoosely } from '../test/random-json.ts';
import { checkShape, JsonShapeError, parseBytes, scanElements, scanMembers, skipValue } from './json-scan.ts';
import type { Span } from './json-scan.ts';

const roomy = { depth: 64, nodes: 1_000_000, stringBytes: 1_000_000 };

function whole(bytes: Uint8Array): Span {
  return { start: 0, end: bytes.length };
}

function valueAt(bytes: Buffer, { start, end }: Span): unknown {
  return JSON.parse(bytes.subarray(start, end).toString('utf8'));
}

/** Milliseconds of the quickest of three runs: other work on the machine only ever makes a run slower. */
function quickest(work: () => void): number {
  return Math.min(
    ...[1, 2, 3].map(() => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }),
  );
}

function isJsonObjectText(bytes: Buffer): boolean {
  try {
    return isJsonObject(JSON.parse(bytes.toString('utf8')));
  } catch {
    return false;
  }
}

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof JsonShapeError) return thrown.message;
    throw thrown;
  }
  return 'accepted';
}

describe('scanMembers', () => {
  it('finds the keys and values that a parser finds, whatever the spacing and escapes', () => {
    for (let seed = 0; seed < 400; seed++) {
      const random = createRandom(seed);
      const value = randomObject(random);
      const bytes = Buffer.from(`${random.pick(['', ' \n'])}${writeLoosely(value, random)}${random.pick(['', '\t'])}`);
      const members = scanMembers(bytes);
      expect(Object.fromEntries(members.map((member) => [member.key, valueAt(bytes, member.value)]))).toEqual(value);
      expect(members).toHaveLength(Object.keys(value).length);
      for (const { key, from, value: span } of members) {
        expect(JSON.parse(`{${bytes.subarray(from, span.end).toString('utf8')}}`)).toEqual({ [key]: value[key] });
      }
    }
  });

  it('refuses text that ends too early, at every byte', () => {
    const random = createRandom(7);
    for (let round = 0; round < 40; round++) {
      const bytes = Buffer.from(writeLoosely({ ...randomObject(random), last: [{ a: '\\"' }] }, random));
      for (let end = 0; end < bytes.length; end++) {
        expect(problemOf(() => scanMembers(bytes.subarray(0, end)))).not.toBe('accepted');
        expect(problemOf(() => scanMembers(bytes, 0, end))).not.toBe('accepted');
      }
    }
  });

  it('refuses damaged text with JsonShapeError and nothing else, and takes all that a parser takes', () => {
    const random = createRandom(11);
    const wrongly: string[] = [];
    let refused = 0;
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(writeLoosely(randomObject(random, 2), random));
      for (let hit = 0; hit < 2; hit++)
        bytes[random.below(bytes.length)] = random.pick([0x22, 0x5c, 0x7b, 0x5d, 0x2c, 0x78]);
      const problem = problemOf(() => scanMembers(bytes));
      if (problem !== 'accepted') refused++;
      if (problem !== 'accepted' && problem !== 'key stands twice' && isJsonObjectText(bytes)) wrongly.push(problem);
    }
    expect(wrongly).toEqual([]);
    expect(refused).toBeGreaterThan(1000);
  });

  it('stays within the given bounds', () => {
    const bytes = Buffer.from('[{"a":1},{"b":2}]');
    expect(scanMembers(bytes, 1, 8)).toEqual([{ key: 'a', from: 2, value: { start: 6, end: 7 } }]);
    expect(problemOf(() => scanMembers(bytes, 1, 7))).not.toBe('accepted');
    expect(problemOf(() => scanMembers(bytes, 1, 9))).toBe('object does not end here');
  });

  it.each([
    ['an array', '[]', 'not an object'],
    ['a number', '1', 'not an object'],
    ['nothing', '', 'not an object'],
    ['only space', ' \n ', 'not an object'],
    ['a byte order mark', '\ufeff{}', 'not an object'],
    ['a second value', '{} {}', 'object does not end here'],
    ['text behind', '{}x', 'object does not end here'],
    ['a trailing comma', '{"a":1,}', 'key expected'],
    ['a leading comma', '{,"a":1}', 'string expected'],
    ['two commas', '{"a":1,,"b":2}', 'key expected'],
    ['a missing comma', '{"a":1 "b":2}', 'comma expected'],
    ['a missing colon', '{"a" 1}', 'colon expected'],
    ['a missing value', '{"a":}', 'value expected'],
    ['a bare key', '{a:1}', 'string expected'],
    ['single quotes', "{'a':1}", 'string expected'],
    ['a bracket closed by a brace', '{"a":[1}}', 'brackets do not match'],
    ['a brace closed by a bracket', '{"a":{"b":1]}', 'brackets do not match'],
    ['brackets crossed', '{"a":[{]}}', 'brackets do not match'],
    ['an open array', '{"a":[1}', 'brackets do not match'],
    ['an open string', '{"a":"b}', 'string does not end'],
    ['an escaped closing quote', '{"a":"b\\"}', 'string does not end'],
    ['a key with a broken escape', '{"\\x":1}', 'key is not valid'],
    ['a key that stands twice', '{"a":1,"b":2,"a":3}', 'key stands twice'],
    ['a key that stands twice in other spelling', '{"id":1,"\\u0069d":2}', 'key stands twice'],
    ['an empty key twice', '{"":1,"":2}', 'key stands twice'],
    ...[7, 8, 9, 12].flatMap((count) =>
      [0, count - 1].map((twice) => {
        const keys = [...Array.from({ length: count }, (_, index) => `k${index}`), `k${twice}`];
        const text = `{${keys.map((key) => `"${key}":1`).join(',')}}`;
        return [`key ${twice} of ${count} twice`, text, 'key stands twice'] as [string, string, string];
      }),
    ),
  ])('refuses %s', (_, text, problem) => {
    expect(problemOf(() => scanMembers(Buffer.from(text)))).toBe(problem);
  });

  it('takes the same key in different objects, and keys that objects are born with', () => {
    const text = '{"a":{"a":1},"__proto__":{"a":2},"constructor":3}';
    expect(scanMembers(Buffer.from(text)).map(({ key }) => key)).toEqual(['a', '__proto__', 'constructor']);
  });

  it('reads 50,000 members in well under a second', () => {
    const bytes = Buffer.from(`{${Array.from({ length: 50_000 }, (_, index) => `"key${index}":1`).join(',')}}`);
    expect(quickest(() => scanMembers(bytes))).toBeLessThan(500);
  });

  it('refuses 200,000 brackets before they cost anything', () => {
    for (const [open, close] of ['[]', '{}'] as unknown as [string, string][]) {
      const bytes = Buffer.from(`{"a":${open.repeat(200_000)}${close.repeat(200_000)}}`);
      expect(problemOf(() => scanMembers(bytes))).toBe('nested deeper than 512');
      expect(quickest(() => problemOf(() => scanMembers(bytes)))).toBeLessThan(50);
    }
  });
});

describe('skipValue', () => {
  it('ends strings behind any number of backslashes, at every distance from where its method changes', () => {
    for (let length = 0; length < 110; length++) {
      for (let slashes = 0; slashes < 6; slashes++) {
        for (const tail of ['', '"', 'b', '"\\']) {
          const text = JSON.stringify(`${'a'.repeat(length)}${'\\'.repeat(slashes)}${tail}`);
          const bytes = Buffer.from(`${text},"next"`);
          expect(skipValue(bytes, 0, bytes.length)).toBe(text.length);
        }
      }
    }
  });

  it('does not end a string beyond its bounds', () => {
    const bytes = Buffer.from(`"${'a'.repeat(60)}"`);
    expect(problemOf(() => skipValue(bytes, 0, 60))).toBe('string does not end');
    expect(problemOf(() => skipValue(bytes, 0, 20))).toBe('string does not end');
  });

  it('ends literals at the first byte that is none of theirs', () => {
    const bytes = Buffer.from('-1.5E+3]true}null,');
    expect(skipValue(bytes, 0, bytes.length)).toBe(7);
    expect(skipValue(bytes, 8, bytes.length)).toBe(12);
    expect(skipValue(bytes, 13, bytes.length)).toBe(17);
    expect(problemOf(() => skipValue(bytes, 17, bytes.length))).toBe('value expected');
  });
});

describe('scanElements', () => {
  it('finds the elements that a parser finds, whatever the spacing and escapes', () => {
    for (let seed = 0; seed < 400; seed++) {
      const random = createRandom(seed);
      const value = Array.from({ length: random.below(6) }, () => randomJson(random));
      const bytes = Buffer.from(writeLoosely(value, random));
      expect(scanElements(bytes, whole(bytes)).map((span) => valueAt(bytes, span))).toEqual(value);
      for (let end = seed < 40 ? 0 : bytes.length; end < bytes.length; end++) {
        expect(problemOf(() => scanElements(bytes, { start: 0, end }))).not.toBe('accepted');
      }
    }
  });

  it.each([
    ['an object', '{}', 'not an array'],
    ['a trailing comma', '[1,]', 'value expected'],
    ['a trailing comma and space', '[1, ]', 'value expected'],
    ['a leading comma', '[,1]', 'value expected'],
    ['two commas', '[1,,2]', 'value expected'],
    ['a missing comma', '[1 2]', 'comma expected'],
    ['a wrong bracket', '[1}', 'comma expected'],
    ['text behind', '[1] 2', 'array does not end here'],
    ['a second end', '[1]]', 'array does not end here'],
  ])('refuses %s', (_, text, problem) => {
    const bytes = Buffer.from(text);
    expect(problemOf(() => scanElements(bytes, whole(bytes)))).toBe(problem);
  });
});

describe('checkShape', () => {
  it('takes what every bound allows, and names the bound that one more passes', () => {
    const limits = { depth: 5, nodes: 12, stringBytes: 10 };
    const rows: [keyof typeof limits, string, string][] = [
      ['depth', '[[[[[1]]]]]', '[[[[[[1]]]]]]'],
      ['depth', '{"a":{"b":{"c":{"d":{"e":1}}}}}', '{"a":[{"b":[{"c":[1]}]}]}'],
      ['nodes', '[1,2,3,4,5,6,7,8,9,10,11]', '[1,2,3,4,5,6,7,8,9,10,11,12]'],
      ['nodes', '{"a":1,"b":2,"c":3,"d":4,"e":[1]}', '{"a":1,"b":2,"c":3,"d":4,"e":[1,2]}'],
      ['stringBytes', '"0123456789"', '"0123456789a"'],
      ['stringBytes', '{"0123456789":1}', '{"0123456789a":1}'],
      ['stringBytes', '["ééééé"]', '["éééééa"]'],
    ];
    for (const [bound, allowed, refused] of rows) {
      expect(problemOf(() => checkShape(Buffer.from(allowed), limits))).toBe('accepted');
      expect(() => checkShape(Buffer.from(refused), limits)).toThrow(expect.objectContaining({ bound }));
    }
  });

  it('does not count what stands inside strings', () => {
    const bytes = Buffer.from('["[[[{{{,,,:::","\\"[[[["]');
    expect(problemOf(() => checkShape(bytes, { depth: 1, nodes: 3, stringBytes: 20 }))).toBe('accepted');
  });

  it('names no bound for a string that does not end', () => {
    expect(() => checkShape(Buffer.from('"abc'), roomy)).toThrow(
      expect.not.objectContaining({ bound: expect.anything() }),
    );
  });

  it('refuses 200,000 brackets before they cost anything', () => {
    const bytes = Buffer.from('['.repeat(200_000));
    expect(problemOf(() => checkShape(bytes, roomy))).toBe('nested deeper than 64');
    expect(quickest(() => problemOf(() => checkShape(bytes, roomy)))).toBeLessThan(50);
  });

  it('takes everything that a parser takes', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandom(seed);
      const bytes = Buffer.from(writeLoosely(randomJson(random), random));
      expect(problemOf(() => checkShape(bytes, roomy))).toBe('accepted');
    }
  });
});

describe('parseBytes', () => {
  it('reads exactly the bytes of a view, and throws its own error for what is no JSON', () => {
    expect(parseBytes(Buffer.from('x{"a":[1]}x').subarray(1, 10))).toEqual({ a: [1] });
    expect(problemOf(() => parseBytes(Buffer.from('{"a":tru}')))).toBe('not valid JSON');
  });
});

import { describe, expect, it } from 'vitest';
import { createRandom } from '../test/random-json.ts';
import { createByteJoiner } from './byte-joiner.ts';

describe('createByteJoiner', () => {
  it('joins pieces of any size, and starts anew after each take', () => {
    const joiner = createByteJoiner();
    const random = createRandom(3);
    for (let round = 0; round < 200; round++) {
      const pieces = Array.from({ length: random.below(8) }, () => Buffer.alloc(random.below(400), random.below(256)));
      for (const piece of pieces) joiner.add(piece);
      expect(joiner.size).toBe(Buffer.concat(pieces).length);
      expect(Buffer.from(joiner.take())).toEqual(Buffer.concat(pieces));
    }
    expect(joiner.take()).toHaveLength(0);
  });

  it('does not copy a single piece, and never writes into what it handed out', () => {
    const joiner = createByteJoiner();
    const piece = Buffer.from('one');
    joiner.add(piece);
    expect(joiner.take()).toBe(piece);
    joiner.add(Buffer.from('a'));
    joiner.add(Buffer.from('b'));
    const taken = joiner.take();
    joiner.add(Buffer.from('c'));
    joiner.add(Buffer.from('d'));
    expect(Buffer.from(taken).toString()).toBe('ab');
  });

  it('holds single bytes in little more room than they take', () => {
    const joiner = createByteJoiner();
    const before = process.memoryUsage();
    for (let count = 0; count < 2_000_000; count++) joiner.add(new Uint8Array(1));
    const after = process.memoryUsage();
    expect(joiner.size).toBe(2_000_000);
    const held = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    expect(held).toBeLessThan(160 * 1024 * 1024);
  });
});

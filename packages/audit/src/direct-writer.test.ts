import { describe, expect, it } from 'vitest';
import { DirectWriter } from './direct-writer.ts';
import type { SealedLine } from './record.ts';

function lineOf(text: string): SealedLine {
  return { seq: 1, hash: '', text, beginsSegment: false };
}

/** A disk that takes as long as it is told, and as many bytes. */
function diskOf() {
  const disk = { now: 0, delay: 0, most: Number.POSITIVE_INFINITY, writes: [] as string[] };
  const writer = new DirectWriter({
    clock: { now: () => disk.now },
    write(_file, bytes, position) {
      disk.now += disk.delay;
      disk.writes.push(`${position}:${Buffer.from(bytes).toString()}`);
      return Math.min(bytes.length, disk.most);
    },
  });
  return { disk, write: (...texts: readonly string[]) => writer.write(3, texts.map(lineOf), 7), writer };
}

describe('DirectWriter', () => {
  it('writes lines in one, and counts bytes', () => {
    const { disk, write } = diskOf();
    expect(write('{"a":"é"}', '{}')).toBe(14);
    expect(disk.writes).toEqual(['7:{"a":"é"}\n{}\n']);
  });

  it('leaves what is large, cut short or refused to the other way', () => {
    const { disk, write } = diskOf();
    expect(write('x'.repeat(100_000))).toBeUndefined();
    expect(disk.writes).toEqual([]);
    disk.most = 2;
    expect(write('{}')).toBeUndefined();
    const broken = new DirectWriter({
      clock: { now: () => 0 },
      write() {
        throw new Error('ENOSPC');
      },
    });
    expect(broken.write(3, [lineOf('{}')], 0)).toBeUndefined();
  });

  it('leaves a disk alone that was slow once, until all was quick for a second', () => {
    const { disk, write, writer } = diskOf();
    disk.delay = 100;
    expect(write('{}')).toBe(3);
    disk.delay = 0;
    expect(write('{}')).toBeUndefined();
    disk.now += 900;
    // One beside the turn.
    writer.took(disk.now - 100);
    disk.now += 900;
    expect(write('{}')).toBeUndefined();
    disk.now += 100;
    expect(write('{}')).toBe(3);
  });

  it('does the same with one that is slow again and again, though never for long', () => {
    const { disk, write } = diskOf();
    disk.delay = 20;
    for (let turn = 0; turn < 10; turn += 1) write('{}');
    expect(disk.writes.length).toBeLessThan(8);
    disk.delay = 0;
    disk.now += 1_000;
    // A single one that has waited for a core is nothing.
    for (let turn = 0; turn < 100; turn += 1) {
      disk.delay = turn % 20 === 0 ? 20 : 0;
      expect(write('{}')).toBe(3);
    }
  });
});

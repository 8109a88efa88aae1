import { describe, expect, it } from 'vitest';
import { createLineQueue } from './line-queue.ts';

const any = (): boolean => true;

describe('createLineQueue', () => {
  it('puts lines together from pieces', async () => {
    const lines = createLineQueue({ name: 'test' });
    lines.push('on');
    lines.push('e\ntwo\nthr');
    expect(await lines.take(any)).toBe('one');
    expect(await lines.take(any)).toBe('two');
    await expect(lines.take(any, 1)).rejects.toThrow('no matching line within 1 ms');
  });

  it('gives each line to one reader and leaves the others in order', async () => {
    const lines = createLineQueue({ name: 'test' });
    lines.push('a\nb\nc\n');
    expect(await lines.take((line) => line === 'b')).toBe('b');
    expect(await lines.take(any)).toBe('a');
    expect(await lines.take(any)).toBe('c');
  });

  it('wakes the reader that the line is for', async () => {
    const lines = createLineQueue({ name: 'test' });
    const second = lines.take((line) => line === 'second');
    const first = lines.take((line) => line === 'first');
    lines.push('first\nsecond\n');
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
  });

  it('fails readers at the end with the reason and what was seen', async () => {
    const lines = createLineQueue({ name: 'child' });
    const waiting = lines.take((line) => line === 'ready');
    lines.push('boom');
    lines.end('exited with 3');
    await expect(waiting).rejects.toThrow(/child: exited with 3.*boom/s);
    await expect(lines.take((line) => line === 'ready')).rejects.toThrow('exited with 3');
    expect(await lines.take(any)).toBe('boom');
  });

  it('keeps no more than its capacity', () => {
    const lines = createLineQueue({ name: 'test', capacity: 10 });
    for (let index = 0; index < 100; index += 1) lines.push('0123456789');
    expect(lines.text()).toHaveLength(10);
  });
});

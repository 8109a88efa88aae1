import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { DrivenClock, settle } from '@hostler/test-kit';
import { InputQueue } from './input-queue.ts';

/** A child's stdin that takes what is written only when the test lets it. */
class SlowInput extends Writable {
  readonly writes: string[] = [];
  #done: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 8 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk.toString());
    this.#done = done;
  }

  take(): void {
    this.#done?.();
  }
}

function make(maxBytes = 100) {
  const clock = new DrivenClock();
  const input = new SlowInput();
  const stalls: number[] = [];
  const queue = new InputQueue({
    input,
    clock,
    maxBytes,
    writeTimeout: 1_000,
    onStalled: () => void stalls.push(clock.now()),
  });
  return { clock, input, queue, stalls };
}

describe('InputQueue', () => {
  it('writes the messages of one turn together', async () => {
    const { input, queue } = make();
    for (const line of ['a\n', 'b\n', 'c\n']) queue.push(Buffer.from(line));
    await settle();
    expect(input.writes).toEqual(['a\nb\nc\n']);
  });

  it('takes no more than its bound, counting what the stream holds', async () => {
    const { input, queue } = make(10);
    expect(queue.push(Buffer.from('1234567\n'))).toBe(true);
    expect(queue.push(Buffer.from('12\n'))).toBe(false);
    await settle();
    expect(queue.push(Buffer.from('12\n'))).toBe(false);
    input.take();
    await settle();
    expect(queue.push(Buffer.from('12\n'))).toBe(true);
  });

  it('reports a child that does not read within the time', async () => {
    const { clock, queue, stalls } = make();
    queue.push(Buffer.from('0123456789\n'));
    await clock.pass(999);
    expect(stalls).toEqual([]);
    await clock.pass(1);
    expect(stalls).toEqual([1_000]);
  });

  it('does not report a child that reads in time', async () => {
    const { clock, input, queue, stalls } = make();
    queue.push(Buffer.from('0123456789\n'));
    await clock.pass(900);
    input.take();
    await clock.pass(5_000);
    expect(stalls).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('writes what is left before it ends, and takes nothing after', async () => {
    const { input, queue } = make();
    queue.push(Buffer.from('last\n'));
    queue.end();
    expect(queue.push(Buffer.from('later\n'))).toBe(false);
    input.take();
    await settle();
    expect(input.writes).toEqual(['last\n']);
    expect(input.writableEnded).toBe(true);
  });
});

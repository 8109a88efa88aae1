import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { frameHead, FrameReader } from './frames.ts';
import type { Frame } from './frames.ts';
import { createLink } from './link.ts';

function bytesOf(frames: readonly (readonly [part: number, message: unknown, payload: string])[]): Buffer {
  return Buffer.concat(
    frames.flatMap(([part, message, payload]) => [
      frameHead(part, message, Buffer.byteLength(payload)),
      Buffer.from(payload),
    ]),
  );
}

const frames = [
  [0, { kind: 'a', text: 'é 🦊' }, ''],
  [2, null, '{"as it":  came}'],
  [1, [1, 2], 'x'],
] as const;

describe('frames', () => {
  it('come out as they went in, wherever they are cut', () => {
    const stream = bytesOf(frames);
    for (let first = 0; first <= stream.length; first += 1) {
      const seen: Frame[] = [];
      const reader = new FrameReader(1_000, (frame) => seen.push(frame));
      for (const chunk of [stream.subarray(0, first), stream.subarray(first)]) if (chunk.length > 0) reader.push(chunk);
      expect(seen.map(({ part, message, payload }) => [part, message, payload.toString()])).toEqual(frames);
    }
  });

  it('that are too long, or contradict themselves, are not believed', () => {
    const reader = new FrameReader(100, () => undefined);
    expect(() => reader.push(frameHead(0, 'x'.repeat(200), 0))).toThrow('too long');
    const lying = frameHead(0, 'abc', 0);
    lying.writeUInt32LE(90, 5);
    expect(() => new FrameReader(100, () => undefined).push(lying)).toThrow('longer than its frame');
  });
});

/** Two ends, of which each reads what the other writes. */
function pair(): readonly [Duplex, Duplex] {
  const make = (): Duplex =>
    new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        others.get(this)?.push(chunk);
        done();
      },
    });
  const one = make();
  const other = make();
  const others = new Map([
    [one, other],
    [other, one],
  ]);
  return [one, other];
}

describe('a link', () => {
  it('tells each part what is said to it, in order', async () => {
    const [one, other] = pair();
    const heard: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const sender = createLink({ stream: one, onEnd: () => undefined });
    const receiver = createLink({ stream: other, onEnd: () => undefined });
    receiver.receive(1, (message, payload) => heard.push([message, payload.toString()]));
    receiver.receive(2, () => resolve());
    sender.send(1, 'first', Buffer.from('bytes'));
    sender.send(0, 'nobody listens');
    sender.send(1, { second: true });
    sender.send(2, 'end');
    await promise;
    expect(heard).toEqual([
      ['first', 'bytes'],
      [{ second: true }, ''],
    ]);
  });

  it('tells when the system has all that was said', async () => {
    const seen: string[] = [];
    let take = (): void => undefined;
    const stream = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        seen.push(chunk.toString());
        take = done;
      },
    });
    const link = createLink({ stream, onEnd: () => undefined });
    link.send(0, 'the last');
    let isFlushed = false;
    const flushed = link.flushed().then(() => (isFlushed = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.join('')).toContain('the last');
    expect(isFlushed).toBe(false);
    // What was said, and the end of the wait for it.
    take();
    await new Promise((resolve) => setImmediate(resolve));
    expect(isFlushed).toBe(false);
    take();
    await flushed;
    link.close();
    await link.flushed();
  });

  it('is not waited for when it is over', async () => {
    const stream = new Duplex({ read: () => undefined, write: () => undefined });
    const link = createLink({ stream, onEnd: () => undefined });
    link.send(0, 'never taken');
    const flushed = link.flushed();
    link.close();
    await expect(flushed).resolves.toBeUndefined();
  });

  it('ends with what it cannot understand, once, and says nothing more', () => {
    const [one, other] = pair();
    const ends: unknown[] = [];
    const link = createLink({ stream: other, onEnd: (error) => ends.push(error?.message) });
    one.write(Buffer.alloc(16, 0xff));
    other.read();
    expect(ends).toEqual([expect.stringContaining('too long')]);
    link.send(0, 'x');
    link.close();
    expect(ends).toHaveLength(1);
    expect(link.waiting).toBe(0);
  });
});

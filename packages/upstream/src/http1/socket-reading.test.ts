import { describe, expect, test } from 'vitest';
import { SocketReading } from './socket-reading.ts';
import type { ReadListener } from './socket-reading.ts';

/** Keeps what it is given, and says of it what the test wants. */
class Listener implements ReadListener {
  readonly chunks: Buffer[] = [];
  keepsNothing = false;

  onRead(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    return this.keepsNothing;
  }

  get texts(): string[] {
    return this.chunks.map((chunk) => chunk.toString());
  }

  get last(): Buffer {
    return this.chunks.at(-1) as Buffer;
  }
}

/** What a socket of Node does: it reads into the memory it got last, says so, and asks for that of the next read. */
class FakeSocket {
  readonly reading = new SocketReading();
  readonly listener = new Listener();
  memory = this.#asked();
  readonly goesOn: unknown[] = [];

  constructor({ isHeard = true } = {}) {
    if (isHeard) this.reading.listener = this.listener;
  }

  /** @returns the memory it was read into */
  read(text: string): Uint8Array {
    const { memory } = this;
    const length = Buffer.from(memory.buffer, memory.byteOffset, memory.length).write(text);
    this.goesOn.push(this.reading.onread.callback(length, memory));
    this.memory = this.#asked();
    return memory;
  }

  #asked(): Uint8Array {
    const { buffer } = this.reading.onread;
    if (typeof buffer !== 'function') throw new Error('it is asked for memory before each read');
    return buffer();
  }
}

/** Each as the place of the first that is the same: what is in 64 KiB is nothing to look at. */
const sameness = (memories: readonly Uint8Array[]): number[] => memories.map((memory) => memories.indexOf(memory));
const isIn = (part: Buffer, memory: Uint8Array): boolean => part.buffer === memory.buffer;

/** As much as shows that a large result goes by. */
const LARGE = 16 * 1024;
const large = (text: string): string => text.padEnd(LARGE, '.');

describe('what a socket reads', () => {
  test('is copied out of the memory of all as long as the listener keeps it, at its own length', () => {
    const socket = new FakeSocket();
    const memories = ['first', 'second', 'third'].map((text) => socket.read(text));
    expect(socket.listener.texts).toEqual(['first', 'second', 'third']);
    expect(sameness(memories)).toEqual([0, 0, 0]);
    for (const chunk of socket.listener.chunks) expect(isIn(chunk, memories[0] as Uint8Array)).toBe(false);
    expect(socket.goesOn).toEqual([true, true, true]);
  });

  test('lies in memory of its own, which is read into again, while the listener keeps nothing', () => {
    const socket = new FakeSocket();
    socket.listener.keepsNothing = true;
    const shared = socket.read(large('a copy'));
    const own = socket.read(large('own'));
    const again = socket.read(large('again'));
    expect(sameness([shared, own, again, socket.memory])).toEqual([0, 1, 1, 1]);
    expect(socket.listener.texts[0]).toBe(large('a copy'));
    expect(isIn(socket.listener.last, own)).toBe(true);
    expect(socket.listener.last.toString()).toBe(large('again'));
  });

  test('has no memory of its own where little comes at once, and none any more after that', () => {
    const socket = new FakeSocket();
    socket.listener.keepsNothing = true;
    const memories = ['an event', large('').slice(1), large('a result'), large('goes by'), 'its end', 'an event'];
    const places = memories.map((text) => socket.read(text));
    expect(sameness([...places, socket.memory])).toEqual([0, 0, 0, 3, 3, 0, 0]);
    // The fourth lay where the fifth was read to.
    expect(socket.listener.texts.toSpliced(3, 1)).toEqual(memories.toSpliced(3, 1));
  });

  test('is left to a listener that keeps it: what comes next goes elsewhere', () => {
    const socket = new FakeSocket();
    socket.listener.keepsNothing = true;
    socket.read(large('1'));
    const own = socket.read(large('2'));
    socket.listener.keepsNothing = false;
    const same = socket.read('kept');
    const kept = socket.listener.last;
    const others = ['later', 'then '].map((text) => socket.read(text));
    socket.listener.keepsNothing = true;
    socket.read(large('5'));
    const next = socket.read(large('6'));
    // Not that which was left.
    expect(sameness([own, same, ...others, next])).toEqual([0, 0, 2, 2, 4]);
    expect(kept.toString()).toBe('kept');
    expect(socket.listener.texts.slice(3)).toEqual(['later', 'then ', large('5'), large('6')]);
  });

  test('is nobody’s before there is a listener, and the memory stays that of all', () => {
    const socket = new FakeSocket({ isHeard: false });
    const shared = socket.read('lost');
    expect(sameness([shared, socket.memory])).toEqual([0, 0]);
    socket.reading.listener = socket.listener;
    socket.read('heard');
    expect(socket.listener.texts).toEqual(['heard']);
    expect(socket.goesOn).toEqual([true, true]);
  });
});

describe('two sockets', () => {
  test('share memory, and do not disturb each other', () => {
    const [one, two] = [new FakeSocket(), new FakeSocket()];
    expect(sameness([one.memory, two.memory])).toEqual([0, 0]);
    for (const round of ['1', '2', '3']) {
      one.read(`one ${round}`);
      two.read(`two ${round}`);
    }
    expect(one.listener.texts).toEqual(['one 1', 'one 2', 'one 3']);
    expect(two.listener.texts).toEqual(['two 1', 'two 2', 'two 3']);
  });

  test('have each their own while large results go by', () => {
    const [one, two] = [new FakeSocket(), new FakeSocket()];
    for (const { listener } of [one, two]) listener.keepsNothing = true;
    for (const socket of [one, two]) socket.read(large('a copy'));
    one.read(large('of one'));
    two.read(large('of two'));
    expect(one.listener.last.toString()).toBe(large('of one'));
    const third = new FakeSocket();
    expect(sameness([one.memory, two.memory, third.memory])).toEqual([0, 1, 2]);
  });
});

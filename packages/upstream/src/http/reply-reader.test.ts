import type { Clock } from '@hostler/kernel';
import { describe, expect, test } from 'vitest';
import type { ReplyController, ReplyHeaders } from '../http1/reply-handler.ts';
import { ReplyReader } from './reply-reader.ts';
import type { LargeBody, ReplyFailure, ReplyListener } from './reply-reader.ts';

const KB = 1024;
const MAX = 600 * KB;
const clock = { now: () => 0, after: () => () => {} } as Partial<Clock> as Clock;

/** Hears a reply, takes a large body or refuses it, and writes down what it is told. */
class Listener implements ReplyListener, LargeBody {
  readonly told: string[] = [];
  readonly sizes: number[] = [];
  body: Buffer | undefined;
  failure: ReplyFailure | undefined;
  takes = true;
  keepsNothing = true;

  onEvent(): void {
    this.told.push('event');
  }
  onEnd(_: unknown, body: Uint8Array): void {
    this.told.push('end');
    this.body = Buffer.from(body);
  }
  mayPass(): boolean {
    return true;
  }
  onLarge(_: unknown, first: Uint8Array): LargeBody | undefined {
    this.told.push('offer');
    this.sizes.push(first.length);
    return this.takes ? this : undefined;
  }
  onFailure(failure: ReplyFailure): void {
    this.told.push('failure');
    this.failure = failure;
  }
  push(chunk: Uint8Array): boolean {
    this.sizes.push(chunk.length);
    return true;
  }
  end(): void {
    this.told.push('end of large');
  }
  broken(): void {
    this.told.push('broken');
  }
}

interface Stage {
  readonly reader: ReplyReader;
  readonly listener: Listener;
  /** Whether it was given up by the reader. */
  readonly isAborted: () => boolean;
  readonly give: (size: number) => void;
  readonly end: () => void;
  readonly breakOff: () => void;
}

function onStage(headers: ReplyHeaders, listener = new Listener(), maxBytes = MAX): Stage {
  let aborted = false;
  const controller: ReplyController = { abort: () => void (aborted = true), pause() {}, resume() {} };
  const reader = new ReplyReader({ listener, maxBytes, clock, screen: undefined });
  reader.onRequestStart(controller);
  reader.onResponseStart(controller, 200, { 'content-type': 'application/json', ...headers });
  let next = 0;
  return {
    reader,
    listener,
    isAborted: () => aborted,
    give: (size) => reader.onResponseData(controller, Buffer.alloc(size, (next = (next % 250) + 1))),
    end: () => reader.onResponseEnd(),
    breakOff: () => reader.onResponseError(controller, new Error('gone')),
  };
}

const sayingLength = (bytes: number): ReplyHeaders => ({ 'content-length': String(bytes) });

describe('a body that says that it is large', () => {
  test('is offered when there is more of it than 16 KiB, once', () => {
    const { listener, give, end } = onStage(sayingLength(300 * KB));
    give(16 * KB);
    expect(listener.told).toEqual([]);
    give(1);
    expect(listener.told).toEqual(['offer']);
    give(10 * KB);
    end();
    expect(listener.sizes).toEqual([16 * KB + 1, 10 * KB]);
    expect(listener.told).toEqual(['offer', 'end of large']);
  });

  test('is held whole when it is not taken, whatever that is', () => {
    const { listener, reader, give, end } = onStage(sayingLength(500 * KB));
    listener.takes = false;
    for (let count = 0; count < 50; count += 1) give(10 * KB);
    expect(reader.keepsNothing).toBe(false);
    end();
    expect(listener.told).toEqual(['offer', 'end']);
    const expected = Array.from({ length: 50 }, (_, index) => Buffer.alloc(10 * KB, index + 1));
    expect(listener.body?.equals(Buffer.concat(expected))).toBe(true);
  });

  test('is held up to its bound', () => {
    const { listener, isAborted, give } = onStage(sayingLength(MAX));
    listener.takes = false;
    for (let count = 0; count < 10; count += 1) give(60 * KB);
    expect(listener.told).toEqual(['offer']);
    give(1);
    expect(listener.told).toEqual(['offer', 'failure']);
    expect(listener.failure).toEqual({ kind: 'too-large' });
    expect(isAborted()).toBe(true);
  });

  test('is read no further when it is not taken, and says that it is larger than its bound', () => {
    const { listener, isAborted, give } = onStage(sayingLength(MAX + 1));
    listener.takes = false;
    give(17 * KB);
    expect(listener.told).toEqual(['offer', 'failure']);
    expect(listener.failure).toEqual({ kind: 'too-large' });
    expect(isAborted()).toBe(true);
  });

  test('is not offered before its end when it is not there before', () => {
    const { listener, give, end } = onStage(sayingLength(300 * KB));
    give(16 * KB);
    end();
    expect(listener.told).toEqual(['end']);
    expect(listener.body).toHaveLength(16 * KB);
  });

  test('breaks off where its connection does, before it was offered and after', () => {
    const before = onStage(sayingLength(300 * KB));
    before.give(KB);
    before.breakOff();
    expect(before.listener.told).toEqual(['failure']);
    expect(before.listener.failure).toMatchObject({ kind: 'broken' });
    const after = onStage(sayingLength(300 * KB));
    after.give(17 * KB);
    after.breakOff();
    expect(after.listener.told).toEqual(['offer', 'broken']);
  });

  test('is offered nowhere where nobody takes large bodies, and where none may be that large', () => {
    const plain: ReplyListener = { onEvent() {}, onEnd() {}, onFailure() {} };
    const reader = onStage(sayingLength(300 * KB), plain as Listener);
    reader.give(300 * KB);
    expect(reader.reader.keepsNothing).toBe(false);
    const small = onStage(sayingLength(300 * KB), new Listener(), 8 * KB);
    small.give(8 * KB + 1);
    expect(small.listener.failure).toEqual({ kind: 'too-large' });
    expect(small.listener.told).toEqual(['failure']);
  });
});

describe('a body that does not say that it is large', () => {
  test.each([
    ['says nothing', {}],
    ['says that it is not', sayingLength(256 * KB)],
    ['says what is no number', { 'content-length': 'much' }],
  ])('is offered when it is: one that %s', (_, headers) => {
    const { listener, give, end } = onStage(headers);
    give(200 * KB);
    give(56 * KB);
    expect(listener.told).toEqual([]);
    give(1);
    expect(listener.told).toEqual(['offer']);
    end();
    expect(listener.sizes).toEqual([256 * KB + 1]);
  });
});

describe('a reader', () => {
  test('keeps what is not offered yet', () => {
    const { reader, give } = onStage(sayingLength(300 * KB));
    expect(reader.keepsNothing).toBe(false);
    give(KB);
    expect(reader.keepsNothing).toBe(false);
  });

  test('keeps of a body that was taken what its taker keeps', () => {
    const { reader, listener, give } = onStage(sayingLength(300 * KB));
    give(17 * KB);
    expect(reader.keepsNothing).toBe(true);
    listener.keepsNothing = false;
    give(KB);
    expect(reader.keepsNothing).toBe(false);
    listener.keepsNothing = true;
    expect(reader.keepsNothing).toBe(true);
  });

  test('keeps nothing to itself of events, and says nothing of it', () => {
    const { reader, give } = onStage({ 'content-type': 'text/event-stream' });
    give(KB);
    expect(reader.keepsNothing).toBe(false);
  });
});

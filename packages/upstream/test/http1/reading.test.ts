import { describe, expect, test } from 'vitest';
import type { ReplyController } from '../../src/http1/reply-handler.ts';
import { answerOf } from '../support/http1/raw-server.ts';
import type { Peer } from '../support/http1/raw-server.ts';
import type { RecordedReply } from '../support/http1/recorded-reply.ts';
import { READINGS, Stage } from '../support/http1/stage.ts';

/** As much at once shows that a large result goes by. */
const PIECE = 16_384;
const COUNT = 6;
const HEAD = `HTTP/1.1 200 OK\r\ncontent-length: ${PIECE * COUNT}\r\n\r\n`;
const PIECES = Array.from({ length: COUNT }, (_, index) => Buffer.alloc(PIECE, index + 1));
const BODY = Buffer.concat(PIECES).toString('latin1');

interface Large {
  readonly reply: RecordedReply;
  readonly peer: Peer;
  /** The pieces as they were given: no copies. */
  readonly given: readonly Buffer[];
}

/** A body in pieces, each read by itself. */
async function readLarge(stage: Stage, keepsNothing: (given: readonly Buffer[]) => boolean): Promise<Large> {
  const given: Buffer[] = [];
  const onData = (_: unknown, chunk: Uint8Array): void => void given.push(chunk as Buffer);
  const reply = stage.send({}, { onData, keepsNothing: () => keepsNothing(given) });
  const peer = await stage.server.accepted();
  await peer.request();
  await stage.sendApart(peer, [HEAD, ...PIECES]);
  return { reply: await reply.over(), peer, given };
}

/** Each as the place of the first in the same memory. */
function memories(given: readonly Buffer[]): number[] {
  const all = given.map(({ buffer }) => buffer);
  return all.map((memory) => all.indexOf(memory));
}

const texts = (given: readonly Buffer[]): string => Buffer.concat(given).toString('latin1');

describe.each(READINGS)('a body (%s)', (reading) => {
  test('is the same for a handler that keeps nothing of it, and so is the next', async () => {
    await using stage = await Stage.set({ reading });
    const { reply, peer } = await readLarge(stage, () => true);
    expect(reply.body).toBe(BODY);
    expect((await stage.exchange(peer, answerOf('next'))).body).toBe('next');
    expect(reply.body).toBe(BODY);
  });

  test('is a handler’s that keeps it, piece by piece, also when others follow', async () => {
    await using stage = await Stage.set({ reading });
    const { given, peer } = await readLarge(stage, () => false);
    await stage.exchange(peer, answerOf('#'.repeat(PIECE)));
    expect(texts(given)).toBe(BODY);
  });

  test('that is kept from its midst on stays, also behind its end', async () => {
    await using stage = await Stage.set({ reading });
    const { given, peer } = await readLarge(stage, ({ length }) => length < COUNT);
    for (const _ of PIECES) await stage.exchange(peer, answerOf('#'.repeat(PIECE)));
    expect(texts(given.slice(COUNT - 1))).toBe(PIECES.at(-1)?.toString('latin1'));
  });
});

test('memory is read into again while a handler keeps nothing, and is its own as soon as it keeps something', async () => {
  await using stage = await Stage.set();
  const { given } = await readLarge(stage, ({ length }) => length !== 3);
  // The first is a copy, as it follows a short head, and the fourth.
  expect(memories(given)).toEqual([0, 1, 1, 3, 4, 4]);
  expect(given[2]?.equals(PIECES[2] as Buffer)).toBe(true);
});

test('a handler that does not say what it keeps may keep all of it', async () => {
  await using stage = await Stage.set();
  const given: Buffer[] = [];
  const reply = stage.send({}, { onData: (_, chunk) => void given.push(chunk as Buffer) });
  Object.defineProperty(reply, 'keepsNothing', { value: undefined });
  const peer = await stage.server.accepted();
  await peer.request();
  await stage.sendApart(peer, [HEAD, ...PIECES]);
  await reply.over();
  expect(texts(given)).toBe(BODY);
});

test('what waits here while its handler has it wait is not read over', async () => {
  await using stage = await Stage.set();
  const given: Buffer[] = [];
  const onData = (controller: ReplyController, chunk: Uint8Array): void => {
    if (given.push(chunk as Buffer) === 3) controller.pause();
  };
  const reply = stage.send({}, { onData, keepsNothing: () => true });
  const peer = await stage.server.accepted();
  await peer.request();
  const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
  const chunk = (letter: string): string => `4000\r\n${letter.repeat(PIECE)}\r\n`;
  await stage.sendApart(peer, [head, chunk('a'), chunk('b'), `${chunk('c')}1\r\nd\r\n0\r\n\r\n`]);
  const buffer = stage.asked[0]?.onread?.buffer;
  if (typeof buffer !== 'function') throw new Error('the socket was given no memory');
  // Whatever is read from here on goes there.
  buffer().fill(0x23);
  // The first is a copy.
  expect(memories(given)).toEqual([0, 1, 1]);
  reply.controller?.resume();
  const { body } = await reply.over();
  expect(body.slice(PIECE * 2)).toBe(`${'c'.repeat(PIECE)}d`);
});

test('what the last piece of an answer was is not for the next request to say', async () => {
  await using stage = await Stage.set({ most: 1 });
  const given: Buffer[] = [];
  const onData = (_: unknown, chunk: Uint8Array): void => void given.push(chunk as Buffer);
  const first = stage.send({}, { onData, keepsNothing: () => given.length < COUNT });
  // It begins where the first ends.
  const second = stage.send({}, { keepsNothing: () => true });
  const peer = await stage.server.accepted();
  await peer.request();
  await stage.sendApart(peer, [HEAD, ...PIECES]);
  await first.over();
  await peer.request();
  await stage.sendApart(peer, [answerOf('#'.repeat(PIECE))]);
  await second.over();
  expect(given.at(-1)?.equals(PIECES.at(-1) as Buffer)).toBe(true);
});

import { describe, expect, test } from 'vitest';
import { answerOf } from '../support/http1/raw-server.ts';
import { READINGS, Stage } from '../support/http1/stage.ts';
import { someTurns, until } from '../support/http1/until.ts';

const REASON = new Error('no longer wanted');
const CHUNKS = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n';

describe.each(READINGS)('abort (%s)', (reading) => {
  test('inside the start: nothing is sent, and the socket stays for others', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send({ path: '/given-up' }, { onStart: (controller) => controller.abort(REASON) });
    await reply.over();
    expect(reply.told).toEqual(['start', 'error']);
    expect(reply.error).toBe(REASON);
    expect(reply.errorController).toBe(reply.controller);
    const next = stage.send({ path: '/next' });
    const peer = await stage.server.accepted();
    expect(await peer.answer(answerOf('x'))).toMatch(/^POST \/next /);
    expect((await next.over()).body).toBe('x');
    expect(stage.server.peers).toHaveLength(1);
  });

  test('inside the start, with others waiting', async () => {
    await using stage = await Stage.set({ reading, most: 1 });
    const onStart = (controller: { abort(reason: Error): void }): void => controller.abort(REASON);
    const replies = [0, 1, 2, 3, 4].map((index) => stage.send({ path: `/${index}` }, index === 4 ? {} : { onStart }));
    const peer = await stage.server.accepted();
    expect(await peer.answer(answerOf('x'))).toMatch(/^POST \/4 /);
    for (const reply of replies) await reply.over();
    expect(replies.map(({ told }) => told.at(-1))).toEqual(['error', 'error', 'error', 'error', 'end']);
    expect(stage.server.peers).toHaveLength(1);
  });

  test('inside the start, of many thousands that wait: none is left, and the stack holds', async () => {
    await using stage = await Stage.set({ reading, most: 1 });
    const first = stage.send();
    const peer = await stage.server.accepted();
    await peer.request();
    const replies = Array.from({ length: 20_000 }, () =>
      stage.send({}, { onStart: (controller) => controller.abort(REASON) }),
    );
    await peer.send(answerOf('x'));
    await first.over();
    await until(() => replies.every(({ isOver }) => isOver));
    expect(peer.pending).toBe('');
  });

  test('after sending, before an answer', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send();
    const peer = await stage.server.accepted();
    await peer.request();
    reply.controller?.abort(REASON);
    await reply.over();
    expect(reply.told).toEqual(['start', 'error']);
    expect(reply.error).toBe(REASON);
    expect(reply.errorController).toBe(reply.controller);
    await until(() => peer.isGone);
  });

  test('in the midst of a body', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send();
    const peer = await stage.server.accepted();
    await peer.answer('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf');
    await reply.toldOf('data');
    reply.controller?.abort(REASON);
    await reply.over();
    expect(reply.told).toEqual(['start', 'head', 'data', 'error']);
    await until(() => peer.isGone);
  });

  test('inside the head: of the body that came with it nothing is told', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send({}, { onHead: (controller) => controller.abort(REASON) });
    const peer = await stage.server.accepted();
    await peer.answer(answerOf('a body'));
    await reply.over();
    await someTurns();
    expect(reply.told).toEqual(['start', 'head', 'error']);
    expect(reply.error).toBe(REASON);
    await until(() => peer.isGone);
  });

  test('inside a piece of the body: of the others nothing is told', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send({}, { onData: (controller) => controller.abort(REASON) });
    const peer = await stage.server.accepted();
    await peer.answer(CHUNKS);
    await reply.over();
    await someTurns();
    expect(reply.told).toEqual(['start', 'head', 'data', 'error']);
    expect(reply.body).toBe('a');
    await until(() => peer.isGone);
  });

  test('while paused', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send({}, { onHead: (controller) => controller.pause() });
    const peer = await stage.server.accepted();
    await peer.answer('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n');
    await reply.toldOf('head');
    reply.controller?.abort(REASON);
    await reply.over();
    expect(reply.error).toBe(REASON);
    await until(() => peer.isGone);
  });

  test('twice is once', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send();
    const peer = await stage.server.accepted();
    await peer.request();
    reply.controller?.abort(REASON);
    reply.controller?.abort(new Error('another'));
    await reply.over();
    await until(() => peer.isGone);
    expect(reply.told).toEqual(['start', 'error']);
    expect(reply.error).toBe(REASON);
  });

  test('after the end: nothing, and the request that has the socket now goes on', async () => {
    await using stage = await Stage.set({ reading });
    const first = stage.send();
    const peer = await stage.server.accepted();
    await peer.answer(answerOf('1'));
    await first.over();
    const second = stage.send();
    await peer.request();
    first.controller?.abort(REASON);
    first.controller?.pause();
    await peer.send(answerOf('2'));
    expect((await second.over()).body).toBe('2');
    expect(first.told).toEqual(['start', 'head', 'data', 'end']);
    expect(stage.server.peers).toHaveLength(1);
  });

  test('after the end of the first, while the socket is free', async () => {
    await using stage = await Stage.set({ reading });
    const first = stage.send();
    const peer = await stage.server.accepted();
    await peer.answer(answerOf('1'));
    await first.over();
    first.controller?.abort(REASON);
    first.controller?.pause();
    expect((await stage.exchange(peer, answerOf('2'))).body).toBe('2');
    expect(stage.server.peers).toHaveLength(1);
  });

  test('makes room for what waits', async () => {
    await using stage = await Stage.set({ reading, most: 1 });
    const first = stage.send();
    const second = stage.send({ path: '/second' });
    await (await stage.server.accepted()).request();
    first.controller?.abort(REASON);
    expect(await (await stage.server.accepted()).answer(answerOf('2'))).toContain('/second');
    expect((await second.over()).body).toBe('2');
  });

  test('of a request whose body is not written yet', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send({ body: Buffer.alloc(32 * 1024 * 1024) });
    const peer = await stage.server.accepted();
    peer.stopReading();
    await reply.toldOf('start');
    reply.controller?.abort(REASON);
    await reply.over();
    expect(reply.error).toBe(REASON);
    peer.goOnReading();
    await until(() => peer.isGone);
  });
});

describe.each(READINGS)('pause and resume (%s)', (reading) => {
  const TOTAL = 48 * 1024 * 1024;
  const PIECE = Buffer.alloc(64 * 1024, 'abcdefghijklmnop');

  test.each([
    ['a length', `HTTP/1.1 200 OK\r\ncontent-length: ${TOTAL}\r\n\r\n`, ''],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\n', ''],
    ['chunks', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${TOTAL.toString(16)}\r\n`, '\r\n0\r\n\r\n'],
  ])('a reader that waits makes the server wait: a body with %s', async (_, head, tail) => {
    await using stage = await Stage.set({ reading });
    let isRight = true;
    const reply = stage.send(
      {},
      {
        onHead: (controller) => controller.pause(),
        onData(_controller, chunk) {
          const at = (reply.size - chunk.length) % 16;
          if (chunk[0] !== PIECE[at]) isRight = false;
        },
      },
      false,
    );
    const peer = await stage.server.accepted();
    await peer.request();
    await peer.send(head);
    await reply.toldOf('head');
    let given = 0;
    const written = (async () => {
      for (; given < TOTAL; given += PIECE.length) await peer.send(PIECE);
      peer.end(tail);
    })();
    // Nothing moves any more, on neither side.
    let before = -1;
    while (given !== before) {
      before = given;
      await someTurns();
    }
    expect(given).toBeLessThan(TOTAL / 2);
    expect(peer.isStuck).toBe(true);
    // What was taken from the kernel while nobody wanted it: a buffer of the socket or two.
    expect(stage.clientSockets[0]?.bytesRead).toBeLessThan(512 * 1024);
    expect(reply.size).toBeLessThan(512 * 1024);
    reply.controller?.resume();
    await written;
    await reply.over();
    expect(reply.told).toEqual(['start', 'head', 'data', 'end']);
    expect(reply.size).toBe(TOTAL);
    expect(isRight).toBe(true);
  });

  test('now and again, from within the pieces', async () => {
    await using stage = await Stage.set({ reading });
    const total = 4 * 1024 * 1024;
    let pauses = 0;
    const reply = stage.send(
      {},
      {
        onData(controller) {
          pauses++;
          controller.pause();
          setImmediate(() => controller.resume());
        },
      },
      false,
    );
    const peer = await stage.server.accepted();
    await peer.answer(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`);
    for (let given = 0; given < total; given += PIECE.length) await peer.send(PIECE);
    await reply.over();
    expect(reply.size).toBe(total);
    expect(pauses).toBeGreaterThan(10);
    expect(reply.told.at(-1)).toBe('end');
    expect((await stage.exchange(peer, answerOf('next'))).body).toBe('next');
  });

  test.each([
    ['with a length', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n', 'tail', 'end'],
    ['until its end', 'HTTP/1.1 200 OK\r\n\r\n', 'tail', 'end'],
    ['in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '4\r\ntail\r\n0\r\n\r\n', 'end'],
    ['cut short', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n', 'tail', 'error'],
  ])(
    'a server that ends the connection meanwhile: what was sent is delivered, a body %s',
    async (_, head, tail, last) => {
      await using stage = await Stage.set({ reading });
      const reply = stage.send({}, { onHead: (controller) => controller.pause() });
      const peer = await stage.server.accepted();
      await peer.answer(head);
      await reply.toldOf('head');
      peer.end(tail);
      await someTurns();
      expect(reply.told).toEqual(['start', 'head']);
      reply.controller?.resume();
      await reply.over();
      expect(reply.told).toEqual(['start', 'head', 'data', last]);
      expect(reply.body).toBe('tail');
      await until(() => peer.isGone);
    },
  );

  test('a connection that breaks meanwhile: what was read before is delivered first', async () => {
    await using stage = await Stage.set({ reading });
    // The request is not written to its end, so that the break is noticed while nothing is read.
    const body = Buffer.alloc(32 * 1024 * 1024);
    const reply = stage.send({ body }, { onHead: (controller) => controller.pause() });
    const peer = await stage.server.accepted();
    peer.stopReading();
    await peer.send(answerOf('early'));
    await reply.toldOf('head');
    peer.reset();
    await until(() => stage.clientSockets[0]?.closed === true);
    expect(reply.told).toEqual(['start', 'head']);
    reply.controller?.resume();
    expect(reply.told).toEqual(['start', 'head', 'data', 'end']);
    expect(reply.body).toBe('early');
    await stage.close();
  });

  test('a pause in the last piece does not hold up the next request', async () => {
    await using stage = await Stage.set({ reading });
    const first = stage.send({}, { onData: (controller) => controller.pause() });
    await (await stage.server.accepted()).answer(answerOf('all in one'));
    await first.toldOf('data');
    await someTurns();
    first.controller?.resume();
    await first.over();
    const second = stage.send();
    await until(() => stage.server.peers.some(({ pending }) => pending !== ''));
    await stage.server.peers.find(({ pending }) => pending !== '')?.answer(answerOf('2'));
    expect((await second.over()).body).toBe('2');
  });

  test('a pause in the end holds up nobody', async () => {
    await using stage = await Stage.set({ reading });
    const first = stage.send({}, { onEnd: () => first.controller?.pause() });
    const peer = await stage.server.accepted();
    await peer.answer(answerOf('1'));
    await first.over();
    expect((await stage.exchange(peer, answerOf('2'))).body).toBe('2');
  });

  test('resume without a pause, and after the end, does nothing', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send({}, { onStart: (controller) => controller.resume() });
    const peer = await stage.server.accepted();
    await peer.answer(answerOf('x'));
    await reply.over();
    reply.controller?.resume();
    expect((await stage.exchange(peer, answerOf('y'))).body).toBe('y');
  });
});

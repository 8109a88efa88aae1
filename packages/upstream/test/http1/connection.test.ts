import { expect, test, vi } from 'vitest';
import { answerOf } from '../support/http1/raw-server.ts';
import type { Peer } from '../support/http1/raw-server.ts';
import { READINGS, Stage } from '../support/http1/stage.ts';
import { someTurns } from '../support/http1/until.ts';

async function begin(stage: Stage): Promise<Peer> {
  const first = stage.send();
  const peer = await stage.server.accepted();
  await peer.answer(answerOf('x'));
  await first.over();
  return peer;
}

test('a socket that may stay free for long keeps no process alive meanwhile', async () => {
  await using stage = await Stage.set();
  const peer = await begin(stage);
  const socket = stage.clientSockets[0];
  if (socket === undefined) throw new Error('no socket was opened');
  const ref = vi.spyOn(socket, 'ref');
  const unref = vi.spyOn(socket, 'unref');
  await stage.exchange(peer, answerOf('x'));
  expect([unref.mock.calls.length, ref.mock.calls.length]).toEqual([0, 0]);
  await stage.exchange(peer, answerOf('x', 'keep-alive: timeout=60\r\n'));
  expect([unref.mock.calls.length, ref.mock.calls.length]).toEqual([1, 0]);
  await stage.exchange(peer, answerOf('x'));
  expect([unref.mock.calls.length, ref.mock.calls.length]).toEqual([1, 1]);
});

test('a handler that throws in its end is told of it, and the next request goes on', async () => {
  await using stage = await Stage.set({ most: 1 });
  const thrown = new Error('a bug');
  const first = stage.send(
    {},
    {
      onEnd: () => {
        throw thrown;
      },
    },
  );
  const second = stage.send();
  const peer = await stage.server.accepted();
  await peer.answer(answerOf('1'));
  await first.over();
  expect(first.error).toBe(thrown);
  await peer.answer(answerOf('2'));
  expect((await second.over()).told).toEqual(['start', 'head', 'data', 'end']);
  expect(stage.server.peers).toHaveLength(1);
});

test.each(['onStart', 'onHead', 'onData'] as const)('a handler that throws in %s is told of it', async (event) => {
  await using stage = await Stage.set();
  const thrown = new Error('a bug');
  const reply = stage.send(
    {},
    {
      [event]: () => {
        throw thrown;
      },
    },
  );
  const peer = await stage.server.accepted();
  if (event !== 'onStart') await peer.answer(answerOf('x'));
  await reply.over();
  expect(reply.error).toBe(thrown);
  expect(reply.told.filter((one) => one === 'end' || one === 'error')).toEqual(['error']);
});

test.each(READINGS)(
  'what was read before the connection ended is delivered piece by piece, and then that it ended (%s)',
  async (reading) => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send({}, { onData: (controller) => controller.pause() });
    const peer = await stage.server.accepted();
    await peer.request();
    peer.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n');
    await reply.toldOf('data');
    // Whoever reads on notices the end meanwhile; whoever does not, when it does again.
    await someTurns();
    expect(reply.body).toBe('a');
    reply.controller?.resume();
    expect(reply.body).toBe('ab');
    await someTurns();
    expect(reply.isOver).toBe(false);
    reply.controller?.resume();
    await reply.over();
    expect(reply.told).toEqual(['start', 'head', 'data', 'error']);
    expect(reply.error?.code).toBe('ECONNRESET');
  },
);

test('a pause before an abort in the start is not for the next request', async () => {
  await using stage = await Stage.set();
  const given = stage.send(
    {},
    {
      onStart: (controller) => {
        controller.pause();
        controller.abort(new Error('not wanted'));
      },
    },
  );
  await given.over();
  const reply = stage.send();
  const peer = await stage.server.accepted();
  await peer.answer(answerOf('x'));
  expect((await reply.over()).body).toBe('x');
  expect(stage.server.peers).toHaveLength(1);
});

test('a socket that is destroyed by the time it is handed over is no connection', async () => {
  await using stage = await Stage.set({
    connect: (real) => (options, callback) =>
      real(options, (...given) => {
        given[1]?.destroy();
        callback(...given);
      }),
  });
  const reply = await stage.send().over();
  expect(reply.told).toEqual(['error']);
  expect(reply.errorController).toBeUndefined();
});

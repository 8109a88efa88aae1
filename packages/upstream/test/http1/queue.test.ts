import { describe, expect, test } from 'vitest';
import { answerOf, RawServer } from '../support/http1/raw-server.ts';
import type { Peer } from '../support/http1/raw-server.ts';
import type { RecordedReply } from '../support/http1/recorded-reply.ts';
import { Stage } from '../support/http1/stage.ts';
import { someTurns, until } from '../support/http1/until.ts';
import type { Connector } from '../../src/network/connector.ts';

function sendMany(stage: Stage, count: number): RecordedReply[] {
  return Array.from({ length: count }, (_, index) => stage.send({ path: `/${index}` }));
}

/** Fails the attempts at these places, and opens sockets for the others. */
function failing(places: readonly number[], error: Error): (real: Connector) => Connector {
  let attempts = 0;
  return (real) => (asked, callback) => {
    if (places.includes(attempts++)) setImmediate(() => callback(error, null));
    else real(asked, callback);
  };
}

/** Holds back what the connector says until the test lets it. */
function held(): { readonly connect: (real: Connector) => Connector; readonly waiting: (() => void)[] } {
  const waiting: (() => void)[] = [];
  return {
    waiting,
    connect: (real) => (asked, callback) => real(asked, (...given) => void waiting.push(() => callback(...given))),
  };
}

const numberIn = (text: string): number => Number(/ \/(\d+) /.exec(text)?.[1]);

describe('beyond `most`', () => {
  test('requests wait in their order', async () => {
    await using stage = await Stage.set({ most: 2 });
    const replies = sendMany(stage, 40);
    const peers = [await stage.server.accepted(), await stage.server.accepted()];
    const order: number[] = [];
    for (let round = 0; order.length < 40; round++) {
      const peer = peers[round % 2] as Peer;
      const index = numberIn(await peer.answer(answerOf(`${round}`)));
      order.push(index);
      expect((await replies[index]?.over())?.body).toBe(`${round}`);
    }
    expect(order.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 40 }, (_, index) => index));
    // The first two race for their sockets; after them it is the order of sending.
    expect(order.slice(2)).toEqual(Array.from({ length: 38 }, (_, index) => index + 2));
    expect(stage.server.peers).toHaveLength(2);
  });

  test('what waits has not started', async () => {
    await using stage = await Stage.set({ most: 1 });
    const [first, second] = sendMany(stage, 2);
    const peer = await stage.server.accepted();
    await peer.request();
    await someTurns();
    expect(first?.told).toEqual(['start']);
    expect(second?.told).toEqual([]);
    await peer.send(answerOf('1'));
    await peer.answer(answerOf('2'));
    expect((await second?.over())?.body).toBe('2');
  });

  test('a socket that is not used again makes room for a new one', async () => {
    await using stage = await Stage.set({ most: 1 });
    for (const reply of sendMany(stage, 5)) {
      await (await stage.server.accepted()).answer(answerOf('x', 'connection: close\r\n'));
      expect((await reply.over()).body).toBe('x');
    }
    expect(stage.server.peers).toHaveLength(5);
  });

  test.each<readonly [string, (peer: Peer) => unknown]>([
    ['is reset', (peer) => peer.reset()],
    ['ends', (peer) => peer.end()],
    ['speaks something else', (peer) => peer.send('SSH-2.0-x\r\n')],
  ])('a connection that %s fails its request, and the next is tried', async (_, spoil) => {
    await using stage = await Stage.set({ most: 1 });
    const [first, second] = sendMany(stage, 2);
    const peer = await stage.server.accepted();
    await peer.request();
    await spoil(peer);
    expect((await first?.over())?.told).toEqual(['start', 'error']);
    await (await stage.server.accepted()).answer(answerOf('2'));
    expect((await second?.over())?.body).toBe('2');
  });

  test('no bound is no bound', async () => {
    await using stage = await Stage.set();
    const replies = sendMany(stage, 60);
    await until(() => stage.server.peers.length === 60);
    for (const peer of stage.server.peers) {
      const index = numberIn(await peer.request());
      await peer.send(answerOf(`${index}`));
    }
    for (const [index, reply] of replies.entries()) expect((await reply.over()).body).toBe(`${index}`);
  });
});

describe('a connection that does not come about', () => {
  test('refused by the network: nothing was sent, and the code is there', async () => {
    const server = await RawServer.start();
    await server.close();
    await using stage = await Stage.set({ server });
    const reply = await stage.send().over();
    expect(reply.told).toEqual(['error']);
    expect(reply.error?.code).toBe('ECONNREFUSED');
    expect(reply.errorController).toBeUndefined();
  });

  test('the request it was opened for fails, the others get theirs', async () => {
    const error = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    await using stage = await Stage.set({ connect: failing([1], error) });
    const replies = sendMany(stage, 4);
    await until(() => stage.server.peers.length === 3);
    for (const peer of stage.server.peers) {
      const index = numberIn(await peer.request());
      await peer.send(answerOf(`${index}`));
    }
    for (const reply of replies) await reply.over();
    expect(replies.map(({ body, error: failure }) => failure?.code ?? body)).toEqual(['0', 'ECONNREFUSED', '2', '3']);
    expect(replies[1]?.error).toBe(error);
  });

  test('with one socket at most, the next is tried', async () => {
    const error = new Error('refused');
    await using stage = await Stage.set({ most: 1, connect: failing([0, 1], error) });
    const replies = sendMany(stage, 4);
    const peer = await stage.server.accepted();
    await peer.answer(answerOf('2'));
    await peer.answer(answerOf('3'));
    for (const reply of replies) await reply.over();
    expect(replies.map(({ body, error: failure }) => failure?.message ?? body)).toEqual([
      'refused',
      'refused',
      '2',
      '3',
    ]);
  });

  test('each of many fails by itself, and none is left waiting', async () => {
    const error = new Error('refused');
    await using stage = await Stage.set({
      most: 3,
      connect: () => (_, callback) => void setImmediate(() => callback(error, null)),
    });
    const replies = sendMany(stage, 200);
    for (const reply of replies) expect((await reply.over()).told).toEqual(['error']);
    expect(stage.asked).toHaveLength(200);
  });

  test('a connector that fails at once, with thousands waiting, does not make a stack of them', async () => {
    let attempts = 0;
    await using stage = await Stage.set({
      most: 1,
      connect: () => (_, callback) => {
        const fail = (): void => callback(new Error('refused'), null);
        if (attempts++ === 0) setImmediate(fail);
        else fail();
      },
    });
    const replies = sendMany(stage, 20_000);
    await until(() => replies.every(({ isOver }) => isOver));
    expect(replies.filter(({ told, error }) => told.length !== 1 || error?.message !== 'refused')).toEqual([]);
    expect(attempts).toBe(20_000);
  });

  test('afterwards it is tried again', async () => {
    const server = await RawServer.start();
    const port = Number(server.origin.port);
    await using stage = await Stage.set({ connect: failing([0], new Error('refused')), server });
    expect((await stage.send().over()).error?.message).toBe('refused');
    const reply = stage.send();
    await (await server.accepted()).answer(answerOf('there'));
    expect((await reply.over()).body).toBe('there');
    expect(port).toBe(Number(server.origin.port));
  });

  test('a request whose connection is slow takes a socket that became free', async () => {
    const { connect, waiting } = held();
    await using stage = await Stage.set({ connect });
    const first = stage.send({ path: '/1' });
    await until(() => waiting.length === 1);
    waiting[0]?.();
    const peer = await stage.server.accepted();
    await peer.request();
    const second = stage.send({ path: '/2' });
    await until(() => waiting.length === 2);
    await peer.send(answerOf('1'));
    await first.over();
    await someTurns();
    // Whether it takes the free one or waits for its own: it is sent once, and comes to its end.
    waiting[1]?.();
    await until(() => stage.server.peers.some(({ pending }) => pending !== ''));
    const asked = stage.server.peers.filter(({ pending }) => pending !== '');
    expect(asked).toHaveLength(1);
    await asked[0]?.answer(answerOf('2'));
    expect((await second.over()).body).toBe('2');
  });
});

describe('close', () => {
  async function leftOf(stage: Stage): Promise<{ readonly sockets: number; readonly timers: number }> {
    await until(() => stage.server.isDeserted);
    const sockets = stage.clientSockets.filter(({ destroyed }) => !destroyed).length;
    return { sockets, timers: stage.clock.pending };
  }
  const NOTHING = { sockets: 0, timers: 0 };

  test('with nothing ever sent', async () => {
    await using stage = await Stage.set();
    await stage.close();
    expect(await leftOf(stage)).toEqual(NOTHING);
  });

  test('free sockets are closed when it resolves', async () => {
    await using stage = await Stage.set();
    const replies = sendMany(stage, 3);
    for (const _ of replies) await (await stage.server.accepted()).answer(answerOf('x'));
    for (const reply of replies) await reply.over();
    await stage.close();
    expect(stage.clientSockets.map(({ closed }) => closed)).toEqual([true, true, true]);
    expect(await leftOf(stage)).toEqual(NOTHING);
  });

  test('while an answer comes: it fails, and its socket is closed', async () => {
    await using stage = await Stage.set();
    const reply = stage.send();
    const peer = await stage.server.accepted();
    await peer.answer('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf');
    await reply.toldOf('data');
    await stage.close();
    expect(reply.told).toEqual(['start', 'head', 'data', 'error']);
    expect(reply.errorController).toBe(reply.controller);
    expect(await leftOf(stage)).toEqual(NOTHING);
  });

  test('while a reading is paused', async () => {
    await using stage = await Stage.set();
    const reply = stage.send({}, { onHead: (controller) => controller.pause() });
    await (await stage.server.accepted()).answer('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n');
    await reply.toldOf('head');
    await stage.close();
    expect(reply.told.at(-1)).toBe('error');
    expect(await leftOf(stage)).toEqual(NOTHING);
  });

  test('while requests wait: each fails once, as one that was not sent', async () => {
    await using stage = await Stage.set({ most: 1 });
    const [first, ...waiting] = sendMany(stage, 5);
    await (await stage.server.accepted()).request();
    await stage.close();
    expect(first?.told).toEqual(['start', 'error']);
    for (const reply of waiting) {
      expect(reply.told).toEqual(['error']);
      expect(reply.errorController).toBeUndefined();
    }
    expect(await leftOf(stage)).toEqual(NOTHING);
  });

  test('while a connection is opened: its socket is closed when it comes', async () => {
    const { connect, waiting } = held();
    await using stage = await Stage.set({ connect });
    const reply = stage.send();
    await until(() => waiting.length === 1);
    const closed = stage.close();
    await reply.over();
    expect(reply.told).toEqual(['error']);
    expect(reply.errorController).toBeUndefined();
    waiting[0]?.();
    await closed;
    await until(() => stage.server.peers.length === 1);
    expect(await leftOf(stage)).toEqual(NOTHING);
    expect(stage.server.peers[0]?.pending).toBe('');
  });

  test('while a connection is opened that fails', async () => {
    let fail: (() => void) | undefined;
    await using stage = await Stage.set({
      connect: () => (_, callback) => {
        fail = () => callback(new Error('refused'), null);
      },
    });
    const reply = stage.send();
    await until(() => fail !== undefined);
    const closed = stage.close();
    await reply.over();
    fail?.();
    await closed;
    expect(reply.told).toEqual(['error']);
    expect(stage.asked).toHaveLength(1);
  });

  test('twice, and at the same time', async () => {
    await using stage = await Stage.set();
    const reply = stage.send();
    await (await stage.server.accepted()).request();
    await Promise.all([stage.close(), stage.close()]);
    await stage.close();
    expect(reply.told).toEqual(['start', 'error']);
    expect(await leftOf(stage)).toEqual(NOTHING);
  });

  test('from within what a handler is told', async () => {
    await using stage = await Stage.set();
    const closed: Promise<void>[] = [];
    const reply = stage.send({}, { onData: () => void closed.push(stage.close()) });
    const other = stage.send();
    for (let peers = 0; peers < 2; peers++) {
      const peer = await stage.server.accepted();
      await peer.answer('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n');
    }
    await reply.over();
    await other.over();
    await Promise.all(closed);
    // One that is over is not failed after that.
    expect(reply.told.filter((event) => event === 'end' || event === 'error')).toHaveLength(1);
    expect(await leftOf(stage)).toEqual(NOTHING);
  });

  test('afterwards a request fails and nothing is opened', async () => {
    await using stage = await Stage.set();
    await stage.close();
    const reply = await stage.send().over();
    expect(reply.told).toEqual(['error']);
    expect(reply.errorController).toBeUndefined();
    expect(stage.asked).toHaveLength(0);
  });

  test('a request that is sent from within a failure of the closing opens nothing', async () => {
    await using stage = await Stage.set();
    const again: RecordedReply[] = [];
    const reply = stage.send({}, { onError: () => void again.push(stage.send()) });
    await (await stage.server.accepted()).request();
    await stage.close();
    await reply.over();
    expect((await again[0]?.over())?.told).toEqual(['error']);
    expect(await leftOf(stage)).toEqual(NOTHING);
    expect(stage.asked).toHaveLength(1);
  });
});

import { describe, expect, test } from 'vitest';
import { answerOf } from '../support/http1/raw-server.ts';
import type { Peer } from '../support/http1/raw-server.ts';
import { READINGS, Stage } from '../support/http1/stage.ts';
import { someTurns, until } from '../support/http1/until.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';

/** A connection that has answered once and is free. */
async function freeSocket(stage: Stage, bytes = answerOf('first')): Promise<Peer> {
  const reply = stage.send();
  const peer = await stage.server.accepted();
  await peer.answer(bytes);
  expect((await reply.over()).told.at(-1)).toBe('end');
  return peer;
}

/** What the next request gets when it comes over a new connection. */
async function answerOnNewSocket(stage: Stage): Promise<string> {
  const reply = stage.send({ path: '/new' });
  const peer = await stage.server.accepted();
  const request = await peer.answer(answerOf('new'));
  return request.includes('/new') ? (await reply.over()).body : request;
}

describe('a socket is used again', () => {
  test.each([
    ['a length', answerOf('ok')],
    ['a length of nothing', answerOf('')],
    ['chunks', CHUNKED],
    ['chunks with trailers', CHUNKED.replace('0\r\n\r\n', '0\r\na: b\r\nc: d\r\n\r\n')],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['304', 'HTTP/1.1 304 Not Modified\r\n\r\n'],
    ['connection: keep-alive', answerOf('ok', 'Connection: Keep-Alive\r\n')],
    ['an error status', 'HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n'],
    ['an interim answer before', `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${answerOf('ok')}`],
  ])('after an answer with %s', async (_, bytes) => {
    await using stage = await Stage.set();
    const peer = await freeSocket(stage, bytes);
    for (let round = 0; round < 5; round++) {
      const reply = await stage.exchange(peer, bytes);
      expect(reply.told.at(-1)).toBe('end');
    }
    expect(stage.server.peers).toHaveLength(1);
    expect(peer.pending).toBe('');
  });

  test('one after the other on one socket: never two requests at a time', async () => {
    await using stage = await Stage.set({ most: 1 });
    const replies = [stage.send({ path: '/1' }), stage.send({ path: '/2' }), stage.send({ path: '/3' })];
    const peer = await stage.server.accepted();
    for (const [index, reply] of replies.entries()) {
      expect(await peer.request()).toContain(`POST /${index + 1} `);
      await someTurns();
      expect(peer.pending).toBe('');
      await peer.send(answerOf(`answer ${index + 1}`));
      expect((await reply.over()).body).toBe(`answer ${index + 1}`);
    }
    expect(stage.server.peers).toHaveLength(1);
  });

  test('the one that was free last is taken first', async () => {
    await using stage = await Stage.set();
    const replies = [stage.send({ path: '/0' }), stage.send({ path: '/1' }), stage.send({ path: '/2' })];
    const peers = [await stage.server.accepted(), await stage.server.accepted(), await stage.server.accepted()];
    const order: number[] = [];
    // The answers come in another order than the requests.
    for (const index of [1, 2, 0]) {
      const text = await (peers[index] as Peer).answer(answerOf('x'));
      const asked = Number(/POST \/(\d)/.exec(text)?.[1]);
      await replies[asked]?.over();
      order.unshift(index);
    }
    for (const [round, index] of order.entries()) {
      const reply = stage.send({ path: `/again/${round}` });
      const peer = peers[index] as Peer;
      expect(await peer.request()).toContain(`/again/${round}`);
      expect(reply.isOver).toBe(false);
    }
    expect(stage.server.peers).toHaveLength(3);
  });

  test('a request that is sent from within the end of another takes its socket', async () => {
    await using stage = await Stage.set();
    const second = Promise.withResolvers<ReturnType<Stage['send']>>();
    stage.send({}, { onEnd: () => second.resolve(stage.send({ path: '/second' })) });
    const peer = await stage.server.accepted();
    await peer.answer(answerOf('1'));
    await peer.answer(answerOf('2'));
    expect((await (await second.promise).over()).body).toBe('2');
    expect(stage.server.peers).toHaveLength(1);
  });

  test('a request whose start ends the one before does not end its own socket', async () => {
    await using stage = await Stage.set({ most: 1 });
    const first = stage.send();
    const second = stage.send({}, { onStart: () => first.controller?.abort(new Error('too late')) });
    const peer = await stage.server.accepted();
    await peer.answer(answerOf('1'));
    await peer.answer(answerOf('2'));
    expect((await second.over()).body).toBe('2');
    expect(first.told).toEqual(['start', 'head', 'data', 'end']);
  });

  test('the fields and bodies of one answer are not in the next', async () => {
    await using stage = await Stage.set();
    const peer = await freeSocket(stage, answerOf('long body', 'x-first: 1\r\n'));
    const reply = await stage.exchange(peer, 'HTTP/1.1 201 Made\r\ncontent-length: 1\r\n\r\n!');
    expect(reply).toMatchObject({ status: 201, body: '!' });
    expect({ ...reply.headers }).toEqual({ 'content-length': '1' });
  });
});

describe.each(READINGS)('a socket is not used again, and is closed, (%s)', (reading) => {
  test.each([
    ['connection: close', answerOf('ok', 'connection: close\r\n')],
    ['Connection: Close', answerOf('ok', 'Connection: Close\r\n')],
    ['connection: close in a list', answerOf('ok', 'connection: x-field , close\r\n')],
    ['connection: close among two fields', answerOf('ok', 'connection: keep-alive\r\nconnection: close\r\n')],
    ['chunks and connection: close', CHUNKED.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')],
    ['204 and connection: close', 'HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n'],
    ['HTTP/1.0', answerOf('ok').replace('1.1', '1.0')],
    ['keep-alive: timeout=0', answerOf('ok', 'keep-alive: timeout=0\r\n')],
    ['keep-alive: timeout=1', answerOf('ok', 'keep-alive: timeout=1\r\n')],
    ['keep-alive: timeout=2', answerOf('ok', 'keep-alive: timeout=2\r\n')],
    ['keep-alive with other things', answerOf('ok', 'keep-alive: max=100, timeout=2\r\n')],
    ['a byte beyond its end', `${answerOf('ok')}!`],
    ['a line end beyond its end', `${answerOf('ok')}\r\n`],
    ['a byte beyond its last chunk', `${CHUNKED}!`],
    ['a whole second answer beyond its end', `${answerOf('ok')}${answerOf('evil')}`],
    ['a whole second answer beyond its chunks', `${CHUNKED}${answerOf('evil')}`],
    ['204 with a body that has a length', 'HTTP/1.1 204 No Content\r\ncontent-length: 4\r\n\r\nevil'],
    ['204 and an answer behind it', `HTTP/1.1 204 No Content\r\n\r\n${answerOf('evil')}`],
    ['304 and an answer behind it', `HTTP/1.1 304 Not Modified\r\n\r\n${answerOf('evil')}`],
  ])('after %s', async (_, bytes) => {
    await using stage = await Stage.set({ reading });
    const peer = await freeSocket(stage, bytes);
    expect(await answerOnNewSocket(stage)).toBe('new');
    await until(() => peer.isGone);
  });

  test.each([
    ['204 that says it has a length', 'HTTP/1.1 204 No Content\r\ncontent-length: 44\r\n\r\n'],
    ['204 that says it has chunks', 'HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['304 that says it has a length', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 44\r\n\r\n'],
    ['304 that says it has chunks', 'HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n'],
  ])('after %s: what may come yet is no answer', async (_, bytes) => {
    await using stage = await Stage.set({ reading });
    const peer = await freeSocket(stage, bytes);
    await until(() => peer.isGone);
    expect(await answerOnNewSocket(stage)).toBe('new');
  });

  test('when the answer came before the request was written', async () => {
    await using stage = await Stage.set({ reading });
    // More than the kernel takes at once while nobody reads.
    const reply = stage.send({ body: Buffer.alloc(32 * 1024 * 1024) });
    const peer = await stage.server.accepted();
    peer.stopReading();
    await peer.send(answerOf('early'));
    expect((await reply.over()).body).toBe('early');
    expect(await answerOnNewSocket(stage)).toBe('new');
    peer.goOnReading();
    await until(() => peer.isGone);
  });

  test('when a body goes until the end of the connection', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send();
    const peer = await stage.server.accepted();
    await peer.request();
    peer.end('HTTP/1.1 200 OK\r\n\r\nall of it');
    expect((await reply.over()).body).toBe('all of it');
    expect(reply.told).toEqual(['start', 'head', 'data', 'end']);
    expect(await answerOnNewSocket(stage)).toBe('new');
    await until(() => peer.isGone);
  });

  test('when the end of the answer and that of the connection come together', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send();
    const peer = await stage.server.accepted();
    await peer.request();
    peer.end(answerOf('ok'));
    expect((await reply.over()).told).toEqual(['start', 'head', 'data', 'end']);
    await until(() => peer.isGone);
    expect(await answerOnNewSocket(stage)).toBe('new');
  });
});

describe.each(READINGS)('a free socket that is no good any more is not taken, and is silent (%s)', (reading) => {
  test.each<readonly [string, (peer: Peer) => unknown]>([
    ['the server closed it', (peer) => peer.destroy()],
    ['the server ended its half', (peer) => peer.end()],
    ['the server reset it', (peer) => peer.reset()],
    ['the server sent a byte that nobody asked for', (peer) => peer.send('!')],
    ['the server sent a whole answer that nobody asked for', (peer) => peer.send(answerOf('evil'))],
    ['the server said 408 and closed', (peer) => peer.end('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n')],
  ])('%s', async (_, spoil) => {
    await using stage = await Stage.set({ reading });
    const peer = await freeSocket(stage);
    await spoil(peer);
    await until(() => stage.clientSockets[0]?.destroyed === true);
    await until(() => peer.isGone);
    expect(await answerOnNewSocket(stage)).toBe('new');
  });

  test('the others stay', async () => {
    await using stage = await Stage.set({ reading });
    const replies = [stage.send(), stage.send(), stage.send()];
    const peers = [await stage.server.accepted(), await stage.server.accepted(), await stage.server.accepted()];
    for (const peer of peers) await peer.answer(answerOf('x'));
    for (const reply of replies) await reply.over();
    peers[1]?.reset();
    peers[2]?.end();
    await until(() => stage.clientSockets.filter(({ destroyed }) => destroyed).length === 2);
    expect((await stage.exchange(peers[0] as Peer, answerOf('still'))).body).toBe('still');
    expect(stage.server.peers).toHaveLength(3);
  });
});

describe('how long a socket stays free', () => {
  async function freeFor(bytes: string, milliseconds: number): Promise<boolean> {
    await using stage = await Stage.set();
    const peer = await freeSocket(stage, bytes);
    await stage.clock.pass(milliseconds);
    const reply = stage.send();
    await until(() => peer.pending !== '' || stage.server.peers.length === 2);
    const isOld = peer.pending !== '';
    await (isOld ? peer : await stage.server.accepted()).answer(answerOf('x'));
    await reply.over();
    if (!isOld) await until(() => peer.isGone);
    return isOld;
  }

  test.each([
    ['4 seconds', '', 4_000],
    ['what the server says minus 2 seconds', 'keep-alive: timeout=10\r\n', 8_000],
    ['what the server says, in other words', 'Keep-Alive: max=5, Timeout=7\r\n', 5_000],
    ['less, when the server says less', 'keep-alive: timeout=3\r\n', 1_000],
    ['10 minutes at most', 'keep-alive: timeout=86400\r\n', 600_000],
    ['4 seconds when what it says is nothing', 'keep-alive: timeout=soon\r\n', 4_000],
  ])('%s', async (_, field, milliseconds) => {
    expect(await freeFor(answerOf('ok', field), milliseconds - 100)).toBe(true);
    expect(await freeFor(answerOf('ok', field), milliseconds + 100)).toBe(false);
  });

  test('it is closed without a request to ask for it, and no timer is left', async () => {
    await using stage = await Stage.set();
    const peers: Peer[] = [];
    const replies = [stage.send(), stage.send(), stage.send()];
    for (const _ of replies) peers.push(await stage.server.accepted());
    for (const peer of peers) await peer.answer(answerOf('x'));
    for (const reply of replies) await reply.over();
    expect(stage.clock.pending).toBeLessThanOrEqual(1);
    await stage.clock.pass(10_000);
    await until(() => stage.server.isDeserted);
    await stage.clock.pass(10_000);
    expect(stage.clock.pending).toBe(0);
  });

  test('each use begins its time anew', async () => {
    await using stage = await Stage.set();
    const peer = await freeSocket(stage);
    for (let round = 0; round < 10; round++) {
      await stage.clock.pass(3_000);
      await stage.exchange(peer, answerOf('x'));
    }
    expect(stage.server.peers).toHaveLength(1);
  });

  test('what is in use is not swept', async () => {
    await using stage = await Stage.set();
    const peer = await freeSocket(stage);
    const reply = stage.send();
    await peer.request();
    await stage.clock.pass(3_600_000);
    await peer.send(answerOf('late'));
    expect((await reply.over()).body).toBe('late');
    expect(stage.server.peers).toHaveLength(1);
  });
});

describe.each(READINGS)('whatever servers do, an answer is that of its request (%s)', (reading) => {
  const EVIL = answerOf('evil');
  /** What a server does with a request, as often as it stands here. */
  const WAYS: readonly ((peer: Peer, own: string) => unknown)[] = [
    (peer, own) => peer.send(answerOf(own)),
    (peer, own) => peer.send(answerOf(own)),
    (peer, own) =>
      peer.send(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${own.length}\r\n${own}\r\n0\r\n\r\n`),
    (peer, own) => peer.send(`HTTP/1.1 100 Continue\r\n\r\n${answerOf(own)}`),
    (peer, own) => peer.send(answerOf(own, 'connection: close\r\n')),
    (peer, own) => peer.send(`${answerOf(own)}${EVIL}`),
    (peer, own) => peer.end(`${answerOf(own)}${EVIL}`),
    (peer, own) => peer.end(`HTTP/1.1 200 OK\r\n\r\n${own}`),
    (peer, own) => peer.end(answerOf(own)),
    (peer, own) => peer.end(answerOf(own).slice(0, -1)),
    (peer) => peer.send(`HTTP/1.1 204 No Content\r\ncontent-length: 4\r\n\r\n${EVIL}`),
    (peer) => peer.end(),
    (peer) => peer.reset(),
    (peer) => peer.send('garbage\r\n\r\n'),
  ];

  test('300 requests over 4 sockets', async () => {
    await using stage = await Stage.set({ reading, most: 4 });
    let state = 7;
    const nextWay = (): (typeof WAYS)[number] | undefined => {
      // A linear congruential generator: the same ways each time, in no order that means anything.
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return WAYS[(state >> 8) % WAYS.length];
    };
    const serve = async (peer: Peer): Promise<void> => {
      while (!peer.isGone) {
        await until(() => peer.isGone || peer.pending.includes('\r\n\r\n'));
        if (peer.isGone) return;
        const own = / \/(\w+) /.exec(await peer.request())?.[1] ?? '';
        await nextWay()?.(peer, own);
      }
    };
    const replies = Array.from({ length: 300 }, (_, index) => stage.send({ path: `/own${index}` }));
    let served = 0;
    await until(() => {
      for (; served < stage.server.peers.length; served++) void serve(stage.server.peers[served] as Peer);
      return replies.every(({ isOver }) => isOver);
    });
    const wrong = replies.filter(({ told, status, body }, index) => {
      const isWhole = told.at(-1) === 'end' && status === 200;
      return isWhole ? body !== `own${index}` : !`own${index}`.startsWith(body);
    });
    expect(wrong).toEqual([]);
    const endings = replies.map(({ told }) => told.filter((event) => event === 'end' || event === 'error').join(' '));
    expect(new Set(endings)).toEqual(new Set(['end', 'error']));
    expect(endings.filter((ending) => ending === 'end').length).toBeGreaterThan(100);
  });
});

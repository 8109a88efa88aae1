import { describe, expect, test } from 'vitest';
import { bounded, echo, later, post, someTurns, Stage, until } from './support.ts';
import type { Call } from './support.ts';

const WHOLE = post('{"whole":true}');
/** Its head and half of its body. */
const HALF = WHOLE.slice(0, -7);
const HEAD_HALF = WHOLE.slice(0, 30);
const ENDS = /\r\nconnection: close\r\n/;
const STAYS = /\r\nconnection: keep-alive\r\n/;

/** Answers in two pieces, the first of them at once. */
function begin({ response, body }: Call): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.write(Buffer.from(`${body} `));
}

describe.each(['thin', 'finish'] as const)('%s()', (verb) => {
  /** Resolves when `finish` says that none is left, be it asked now or after it was made thin. */
  async function close(stage: Stage): Promise<() => Promise<void>> {
    const done = verb === 'finish' ? stage.connections.finish() : stage.connections.thin();
    await someTurns();
    return async () => {
      await bounded(done ?? stage.connections.finish(), 'finish()');
      expect(stage.sockets.every(({ destroyed }) => destroyed)).toBe(true);
    };
  }

  test('ends those that are idle: unused, used, and used by both', async () => {
    await using stage = await Stage.set();
    const [unused, used, handed] = [await stage.connect(), await stage.connect(), await stage.connect()];
    await used.ask(WHOLE);
    await handed.ask(WHOLE);
    await handed.ask('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const finished = await close(stage);
    for (const client of [unused, used, handed]) {
      expect(await client.rest()).toBe('');
      expect(client.error).toBeUndefined();
    }
    await finished();
  });

  test('ends one on which there is the beginning of a head, as Node does', async () => {
    for (const isDirect of [true, false]) {
      await using stage = await Stage.set({ isDirect });
      const client = await stage.connect();
      await client.send(HEAD_HALF);
      const finished = await close(stage);
      expect(await client.rest()).toBe('');
      await finished();
    }
  });

  test('waits for a request whose head is there, and answers it', async () => {
    await using stage = await Stage.set();
    const [first, later] = [await stage.connect(), await stage.connect()];
    await later.ask(WHOLE);
    await first.send(HALF);
    await later.send(HALF);
    const finished = await close(stage);
    for (const client of [first, later]) {
      await client.send(WHOLE.slice(-7));
      expect(await client.rest()).toMatch(ENDS);
      expect(client.text).toContain('{"whole":true}');
      expect(client.error).toBeUndefined();
    }
    expect(stage.ways).toBe('direct direct direct');
    await finished();
  });

  test('waits for such a request also when it is handed over meanwhile', async () => {
    await using stage = await Stage.set();
    const client = await stage.connect();
    await client.send(HALF);
    const finished = await close(stage);
    await stage.clock.pass(4_000);
    expect(client.isClosed).toBe(false);
    await client.send(WHOLE.slice(-7));
    expect(await client.rest()).toMatch(/\r\nconnection: close\r\n/i);
    expect(client.text).toContain('{"whole":true}');
    expect(stage.ways).toBe('node');
    await finished();
  });

  test('waits for an answer that is due, which says that it is the last one', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(WHOLE);
    const finished = await close(stage);
    expect(client.isEnded).toBe(false);
    echo(stage.calls[0]!);
    expect(await client.rest()).toMatch(ENDS);
    expect(client.text).toContain('{"whole":true}');
    expect([client.error, stage.calls[0]!.closes]).toEqual([undefined, 1]);
    await finished();
  });

  test('waits for an answer that has begun', async () => {
    await using stage = await Stage.set({ answer: begin });
    const client = await stage.connect();
    await client.send(WHOLE);
    await until(() => client.text.includes('true} '));
    const finished = await close(stage);
    stage.calls[0]!.response.write(Buffer.from('more'));
    stage.calls[0]!.response.end();
    // It could not know.
    expect(client.text).toMatch(STAYS);
    expect((await client.answer()).body).toBe('{"whole":true} more');
    await client.rest();
    expect(client.error).toBeUndefined();
    await finished();
  });

  test('waits until a slow client has all of a large answer', async () => {
    const size = 8 * 1_024 * 1_024;
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    client.socket.pause();
    await client.send(WHOLE);
    const { response } = stage.calls[0]!;
    response.writeHead(200, { 'content-length': size });
    response.write(Buffer.alloc(size, 'a'));
    response.end();
    const finished = await close(stage);
    expect(stage.calls[0]!.closes).toBe(0);
    client.socket.resume();
    expect((await client.answer()).body).toHaveLength(size);
    await client.rest();
    expect(client.error).toBeUndefined();
    await finished();
  });

  test('begins none of those that wait behind the last answer', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(WHOLE.repeat(3));
    const finished = await close(stage);
    echo(stage.calls[0]!);
    expect(await client.rest()).toMatch(ENDS);
    expect((await client.answer()).status).toBe(200);
    expect(client.text).toBe('');
    await finished();
    // Somebody may send them again: nobody was told what became of them.
    expect(stage.calls).toHaveLength(1);
  });

  test('begins none of those that wait behind an answer that could not say so', async () => {
    await using stage = await Stage.set({ answer: begin });
    const client = await stage.connect();
    await client.send(WHOLE.repeat(3));
    await until(() => client.text.includes('true} '));
    const finished = await close(stage);
    stage.calls[0]!.response.end();
    expect((await client.answer()).status).toBe(200);
    expect(await client.rest()).toBe('');
    await finished();
    expect(stage.calls).toHaveLength(1);
  });

  test('leaves what is not plain to Node, which answers and ends', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(`GET / HTTP/1.1\r\nHost: a\r\n\r\n`);
    await until(() => stage.calls.length === 1);
    const finished = await close(stage);
    echo(stage.calls[0]!);
    expect(await client.rest()).toContain('GET /');
    expect(stage.ways).toBe('node');
    await finished();
  });
});

test('while it is thin, new connections are taken, and each has one answer', async () => {
  await using stage = await Stage.set();
  stage.connections.thin();
  for (let round = 0; round < 2; round++) {
    const client = await stage.connect();
    await client.send(WHOLE.repeat(2));
    expect(await client.rest()).toMatch(ENDS);
    expect((await client.answer()).status).toBe(200);
    expect(client.text).toBe('');
  }
  expect(stage.ways).toBe('direct direct');
  await stage.finish();
});

test('a new one after finish() is refused', async () => {
  await using stage = await Stage.set();
  const client = await stage.connect();
  await client.ask(WHOLE);
  const { url } = stage;
  await stage.finish();
  expect(await client.rest()).toBe('');
  await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

describe('destroy()', () => {
  test.each([
    ['idle', '', 0],
    ['half a head', HEAD_HALF, 0],
    ['half a body', HALF, 0],
    ['an answer that is due', WHOLE, 1],
    ['some that wait', WHOLE.repeat(3), 1],
  ])('%s', async (_, bytes, begun) => {
    await using stage = await Stage.set({ answer: (call) => (call.path === '/first' ? echo(call) : later()) });
    const client = await stage.connect();
    await client.send(bytes);
    await until(() => stage.calls.length === begun);
    const finished = stage.connections.finish();
    stage.connections.destroy();
    await bounded(finished, 'finish()');
    expect(await client.rest()).toBe('');
    expect(stage.calls.map(({ closes }) => closes)).toEqual(Array(begun).fill(1));
    expect(stage.calls.every(({ response }) => response.destroyed)).toBe(true);
  });

  test('an answer that has begun is seen to be incomplete', async () => {
    await using stage = await Stage.set({ answer: begin });
    const client = await stage.connect();
    await client.send(WHOLE.repeat(2));
    await until(() => client.text.includes('true} '));
    stage.connections.destroy();
    await expect(client.answer()).rejects.toThrow('no answer');
    expect(stage.calls.map(({ closes }) => closes)).toEqual([1]);
    await stage.finish();
  });

  test('of some of them', async () => {
    await using stage = await Stage.set({ answer: later });
    const [gone, kept] = [await stage.connect(), await stage.connect()];
    await gone.send(WHOLE);
    await kept.send(WHOLE);
    stage.connections.destroyWhere((socket) => socket === gone.peer);
    await gone.rest();
    expect(stage.calls.map(({ closes }) => closes)).toEqual([1, 0]);
    echo(stage.calls[1]!);
    expect((await kept.answer()).status).toBe(200);
    await stage.finish();
  });
});

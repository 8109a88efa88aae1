import { describe, expect, test } from 'vitest';
import { fetch } from 'undici';
import { echo, later, post, someTurns, Stage, until } from './support.ts';
import type { Answer, Call, Client } from './support.ts';

const KIB = 1_024;
const WHOLE = post('{"whole":true}');

/** An answer, without a second one behind it, on a connection that serves another request. */
async function answerBy(answer: (call: Call) => void): Promise<Answer> {
  await using stage = await Stage.set({ answer: (call) => (call.path === '/mcp?next' ? echo(call) : answer(call)) });
  const client = await stage.connect();
  const found = await client.ask(WHOLE);
  expect((await client.ask(post('', '/mcp?next'))).body).toContain('/mcp?next');
  expect(client.text).toBe('');
  expect([stage.ways, ...stage.calls.map(({ closes }) => closes)]).toEqual(['direct direct', 1, 1]);
  await stage.finish();
  return found;
}

describe('a whole answer', () => {
  test.each(['{}', '', 'x'.repeat(8 * KIB), 'x'.repeat(3 * KIB * KIB)])('with its length', async (body) => {
    const { fields, ...found } = await answerBy(({ response }) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body, 'latin1');
    });
    expect(found).toEqual({ status: 200, statusLine: 'HTTP/1.1 200 OK', body });
    expect(Object.keys(fields)).toEqual(['content-type', 'content-length', 'date', 'connection', 'keep-alive']);
  });

  test('without its length has it all the same, in bytes', async () => {
    const body = Buffer.from('{"é":"€"}').toString('latin1');
    const found = await answerBy(({ response }) => {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(body, 'latin1');
    });
    expect(found).toMatchObject({ status: 404, body, fields: { 'content-length': String(body.length) } });
    expect(found.fields).not.toHaveProperty('transfer-encoding');
  });

  test('without a body', async () => {
    const found = await answerBy(({ response }) => {
      response.writeHead(202);
      response.end();
    });
    expect(found).toMatchObject({ status: 202, body: '', fields: { 'content-length': '0' } });
  });

  test('that may have no body has no length either', async () => {
    const found = await answerBy(({ response }) => {
      response.writeHead(204, {});
      response.end();
    });
    expect(found.statusLine).toBe('HTTP/1.1 204 No Content');
    expect(Object.keys(found.fields)).toEqual(['date', 'connection', 'keep-alive']);
  });

  test('in pieces with a length, held back until it is whole', async () => {
    const pieces = ['a'.repeat(20 * KIB), 'b'.repeat(20 * KIB), '', 'c'];
    const found = await answerBy(({ response }) => {
      const size = response.writableLength;
      response.writeHead(200, { 'content-length': pieces.join('').length });
      response.cork();
      for (const piece of pieces) response.write(Buffer.from(piece));
      expect(response.writableLength).toBeGreaterThan(size + 40 * KIB);
      response.end();
    });
    expect(found.body).toBe(pieces.join(''));
    expect(found.fields).not.toHaveProperty('transfer-encoding');
  });

  test('with several values of a field, and fields as names and values in turn', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(WHOLE);
    stage.calls[0]!.response.writeHead(200, ['x-a', '1', 'x-b', ['2', '3'], 'content-length', 0]);
    stage.calls[0]!.response.end();
    await until(() => client.text.endsWith('\r\n\r\n'));
    expect(client.text).toMatch(/^HTTP\/1.1 200 OK\r\nx-a: 1\r\nx-b: 2\r\nx-b: 3\r\ncontent-length: 0\r\ndate: /);
    await stage.finish();
  });

  test('has one date, if need be that of another process', async () => {
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    // Whoever takes it finds a second one.
    const { fields } = await answerBy(({ response }) => {
      response.writeHead(200, ['Date', date, 'content-length', 0]);
      response.end();
    });
    expect(fields['date']).toBe(date);
  });

  test('with fields that are called nearly like those that matter', async () => {
    const { fields } = await answerBy(({ response }) => {
      response.writeHead(200, { 'x-date': 'date: 1', 'x-connection': 'connection: close', 'x-content-length': '9' });
      response.end('ab', 'latin1');
    });
    expect(fields).toMatchObject({ 'content-length': '2', connection: 'keep-alive' });
    expect(fields['date']).toMatch(/ GMT$/);
  });

  test('that says close is the last one', async () => {
    await using stage = await Stage.set({
      answer: ({ response }) => {
        response.writeHead(503, { 'content-length': 2, connection: 'close' });
        response.end('ab', 'latin1');
      },
    });
    const client = await stage.connect();
    await client.send(WHOLE.repeat(3));
    expect(await client.answer()).toMatchObject({ status: 503, body: 'ab', fields: { connection: 'close' } });
    expect(await client.rest()).toBe('');
    expect([stage.calls.length, client.error]).toEqual([1, undefined]);
    await stage.finish();
  });
});

describe('an answer in pieces', () => {
  test('of which nobody knows the length is in chunks', async () => {
    const found = await answerBy(({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const piece of ['data: 1\n\n', '', 'x'.repeat(100_000), '\r\n0\r\n\r\n']) response.write(Buffer.from(piece));
      response.end();
    });
    expect(found.fields['transfer-encoding']).toBe('chunked');
    expect(found.fields).not.toHaveProperty('content-length');
    expect(found.body).toBe(`data: 1\n\n${'x'.repeat(100_000)}\r\n0\r\n\r\n`);
  });

  test('that has none at last', async () => {
    const found = await answerBy(({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      response.end();
    });
    expect(found).toMatchObject({ body: '', fields: { 'transfer-encoding': 'chunked' } });
  });

  test('comes as it is written, its head first', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(WHOLE);
    const { response } = stage.calls[0]!;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    expect(response.headersSent).toBe(true);
    await someTurns();
    // As Node's it waits for the first piece, unless it is told not to.
    expect(client.text).toBe('');
    response.flushHeaders();
    response.flushHeaders();
    await until(() => client.text.endsWith('\r\n\r\n'));
    for (const piece of ['one', 'two', 'three']) {
      response.write(Buffer.from(piece));
      await until(() => client.text.endsWith(`\r\n${piece}\r\n`));
    }
    expect(stage.calls[0]!.closes).toBe(0);
    response.end();
    expect((await client.answer()).body).toBe('onetwothree');
    await until(() => stage.calls[0]!.closes === 1);
    await stage.finish();
  });
});

describe('a slow reader', () => {
  /** Writes so many pieces, each when the one before it may be followed. */
  async function pour({ response }: Call, pieces: number): Promise<{ mostWaiting: number; drains: number }> {
    const piece = Buffer.alloc(256 * KIB, 'abcdefgh');
    let mostWaiting = 0;
    let drains = 0;
    response.writeHead(200, { 'content-type': 'text/plain' });
    for (let count = 0; count < pieces; count++) {
      const goesOn = response.write(piece);
      mostWaiting = Math.max(mostWaiting, response.writableLength);
      if (goesOn) continue;
      const drained = Promise.withResolvers<void>();
      response.once('drain', drained.resolve);
      await drained.promise;
      drains += 1;
    }
    response.end();
    return { mostWaiting, drains };
  }

  test('holds up who writes, and gets all of it', async () => {
    let poured: ReturnType<typeof pour> | undefined;
    await using stage = await Stage.set({ answer: (call) => void (poured = pour(call, 40)) });
    const client = await stage.connect();
    client.socket.pause();
    await client.send(WHOLE);
    await until(() => client.peer.writableNeedDrain);
    await someTurns();
    expect(stage.calls[0]!.closes).toBe(0);
    const waiting = stage.calls[0]!.response.writableLength;
    expect(waiting).toBeGreaterThan(0);
    client.socket.resume();
    expect((await client.answer()).body).toBe('abcdefgh'.repeat(1_280 * KIB));
    const { mostWaiting, drains } = await poured!;
    expect(drains).toBeGreaterThan(0);
    expect(mostWaiting).toBeLessThan(1_024 * KIB);
    await until(() => stage.calls[0]!.closes === 1);
    await stage.finish();
  });

  test('that goes away meanwhile sets nobody waiting for ever', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    client.socket.pause();
    await client.send(WHOLE);
    const { response } = stage.calls[0]!;
    let drains = 0;
    response.on('drain', () => drains++);
    response.writeHead(200);
    expect(response.write(Buffer.alloc(16 * KIB * KIB))).toBe(false);
    response.end();
    client.reset();
    await until(() => stage.calls[0]!.closes === 1);
    expect([response.destroyed, drains]).toEqual([true, 0]);
    await stage.finish();
  });

  test('of a drain knows the answer that is being written, and each time', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(WHOLE);
    echo(stage.calls[0]!);
    await client.answer();
    let [first, each, once] = [0, 0, 0];
    stage.calls[0]!.response.on('drain', () => first++);
    await client.send(WHOLE);
    const { response } = stage.calls[1]!;
    response.on('drain', () => each++);
    response.once('drain', () => once++);
    response.writeHead(200);
    for (let round = 1; round <= 3; round++) {
      expect(response.write(Buffer.alloc(1_024 * KIB))).toBe(false);
      await until(() => each === round);
    }
    response.end();
    expect((await client.answer()).body).toHaveLength(3 * 1_024 * KIB);
    expect([first, each, once]).toEqual([0, 3, 1]);
    await stage.finish();
  });
});

describe('an answer that is broken off', () => {
  async function broken(client: Client): Promise<string> {
    await expect(client.answer()).rejects.toThrow('no answer');
    return client.text;
  }

  test.each([
    ['before its head', '', () => undefined],
    ['with nothing but its head', '\r\n\r\n', ({ response }: Call) => response.flushHeaders()],
    ['in chunks', 'part\r\n', ({ response }: Call) => response.write(Buffer.from('part'))],
  ])('%s', async (_, last, begin) => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(WHOLE.repeat(2));
    const [call] = stage.calls as [Call];
    if (last !== '') call.response.writeHead(200, { 'content-type': 'text/plain' });
    begin(call);
    await until(() => client.text.endsWith(last));
    call.response.destroy();
    call.response.destroy();
    expect(call.response.destroyed).toBe(true);
    expect(call.response.write(Buffer.from('more'))).toBe(false);
    call.response.end();
    expect(await broken(client)).toMatch(new RegExp(`${last}$`));
    await until(() => call.closes > 0);
    expect([call.closes, stage.calls.length]).toEqual([1, 1]);
    await stage.finish();
  });

  test('is an error for a client of undici, with a length and without', async () => {
    await using stage = await Stage.set({ answer: later });
    for (const fields of [{ 'content-length': 100 }, {}]) {
      const asked = fetch(`${stage.url}/mcp`, { method: 'POST', body: '{}' });
      const before = stage.calls.length;
      await until(() => stage.calls.length > before);
      const { response, by } = stage.calls.at(-1)!;
      response.writeHead(200, fields);
      response.write(Buffer.from('part'));
      const answer = await asked;
      response.destroy();
      await expect(answer.text()).rejects.toThrow('terminated');
      expect(by).toBe('direct');
    }
    await stage.finish();
  });
});

describe('what is written too late or may not be written', () => {
  test('after its end is nothing', async () => {
    const found = await answerBy((call) => {
      echo(call);
      expect(call.response.write(Buffer.from('more'))).toBe(false);
      call.response.end('more', 'latin1');
      call.response.end();
      call.response.flushHeaders();
    });
    expect(found.body).toContain('{"whole":true}');
  });

  test('while the next one is answered is nothing either', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(WHOLE);
    const [first] = stage.calls as [Call];
    echo(first);
    await client.answer();
    await client.send(post('next'));
    first.response.write(Buffer.from('more'));
    first.response.end('more', 'latin1');
    first.response.flushHeaders();
    first.response.destroy();
    echo(stage.calls[1]!);
    expect((await client.answer()).body).toMatch(/ next$/);
    expect(client.text).toBe('');
    expect(first.closes).toBe(1);
    await stage.finish();
  });

  test('a second head', async () => {
    await answerBy((call) => {
      call.response.writeHead(200, { 'content-length': 0 });
      expect(() => call.response.writeHead(500, {})).toThrow('written already');
      call.response.end();
    });
  });

  test.each(['a\r\nset-cookie: b', 'a\nb', 'a\rb', 'a\0b', 'a\u0085b', '\u{10a}\u{10d}'])(
    '%j in a field',
    async (value) => {
      const found = await answerBy((call) => {
        const { response } = call;
        expect(() => response.writeHead(200, { 'x-a': value })).toThrow('may not stand there');
        expect(() => response.writeHead(200, { 'x-a': ['fine', value] })).toThrow('may not stand there');
        expect(() => response.writeHead(200, ['x-a', value])).toThrow('may not stand there');
        expect(response.headersSent).toBe(false);
        echo(call);
      });
      expect(found.fields).not.toHaveProperty('x-a');
      expect(found.fields).not.toHaveProperty('set-cookie');
    },
  );
});

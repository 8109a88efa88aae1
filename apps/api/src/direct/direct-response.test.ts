import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { HttpResponse } from '@hostler/endpoint';
import { describe, expect, test } from 'vitest';
import { DirectResponse } from './direct-response.ts';

const LINES = 'x-all: yes\r\n';
const ALIVE = 'connection: keep-alive\r\n';

/** Takes what is written, at once or when it is let. */
class FakeSocket extends Duplex {
  /** What came in one call each. */
  readonly taken: string[] = [];
  holds = false;
  #waiting: ((error?: Error) => void) | undefined;

  constructor() {
    super({ writableHighWaterMark: 512 });
    this.on('error', () => undefined);
  }

  get text(): string {
    return this.taken.join('');
  }

  override _read(): void {
    // Nothing comes.
  }

  override _write(chunk: Buffer, _: string, taken: (error?: Error) => void): void {
    this.#take(chunk, taken);
  }

  override _writev(pieces: readonly { readonly chunk: Buffer }[], taken: (error?: Error) => void): void {
    this.#take(Buffer.concat(pieces.map(({ chunk }) => chunk)), taken);
  }

  #take(bytes: Buffer, taken: (error?: Error) => void): void {
    this.taken.push(bytes.toString('latin1'));
    if (this.holds) this.#waiting = taken;
    else taken();
  }

  release(error?: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(error);
  }
}

interface Stage {
  readonly socket: FakeSocket;
  readonly response: DirectResponse;
  /** What was told of it, in order. */
  readonly told: string[];
  /** Resolves when its owner was told that it is over. */
  readonly answered: Promise<boolean>;
}

function onStage(connectionLines = ALIVE): Stage {
  const socket = new FakeSocket();
  const told: string[] = [];
  const { promise: answered, resolve } = Promise.withResolvers<boolean>();
  const owner = {
    lines: LINES,
    connectionLines,
    onAnswered(mayFollow: boolean) {
      told.push(`answered ${mayFollow}`);
      resolve(mayFollow);
    },
  };
  const response = new DirectResponse(socket as unknown as Socket, owner);
  response.on('close', () => told.push('close'));
  return { socket, response, told, answered };
}

/** Whatever the second is in which it is written. */
const undated = (text: string): string => text.replace(/^date: \w{3}, [\w: ]+ GMT\r\n/m, 'date: now\r\n');
const headOf = (framing: string, connection = ALIVE): string =>
  `HTTP/1.1 200 OK\r\na: b\r\n${framing}${LINES}date: now\r\n${connection}\r\n`;

describe('an answer', () => {
  test('in one piece, with its length', async () => {
    const { socket, response, told, answered } = onStage();
    response.writeHead(200, { a: 'b', 'Content-Length': 3 });
    expect([response.headersSent, socket.taken.length]).toEqual([true, 0]);
    response.end('ok\xe9');
    expect(await answered).toBe(true);
    expect(socket.taken.map(undated)).toEqual([
      `HTTP/1.1 200 OK\r\na: b\r\nContent-Length: 3\r\n${LINES}date: now\r\n${ALIVE}\r\nok\xe9`,
    ]);
    expect(told).toEqual(['close', 'answered true']);
    expect(response.destroyed).toBe(true);
  });

  test('in one piece, without one', async () => {
    const { socket, response, answered } = onStage();
    response.writeHead(200, { a: 'b' });
    response.end('ok\xe9');
    await answered;
    expect(socket.taken.map(undated)).toEqual([`${headOf('content-length: 3\r\n')}ok\xe9`]);
  });

  test('of nothing', async () => {
    const { socket, response, answered } = onStage();
    response.writeHead(200, ['a', 'b']);
    response.end();
    await answered;
    expect(undated(socket.text)).toBe(headOf('content-length: 0\r\n'));
  });

  test.each([204, 304])('with status %d, which has no body and no length', async (status) => {
    const { socket, response, answered } = onStage();
    response.writeHead(status);
    response.end();
    await answered;
    expect(undated(socket.text)).toMatch(
      /^HTTP\/1\.1 \d+ [\w ]+\r\nx-all: yes\r\ndate: now\r\nconnection: keep-alive\r\n\r\n$/,
    );
  });

  test('in chunks', async () => {
    const { socket, response, answered } = onStage();
    response.writeHead(200, { a: 'b' });
    expect(response.write(Buffer.from('0123456789'))).toBe(true);
    expect(response.write(Buffer.alloc(0))).toBe(true);
    response.write(Buffer.from('\r\n'));
    response.end();
    await answered;
    const chunks = 'a\r\n0123456789\r\n2\r\n\r\n\r\n0\r\n\r\n';
    expect(undated(socket.text)).toBe(`${headOf('transfer-encoding: chunked\r\n')}${chunks}`);
  });

  test('in pieces, with a length for all of them', async () => {
    const { socket, response, answered } = onStage();
    response.writeHead(200, { a: 'b', 'content-length': 4 });
    response.write(Buffer.from('ab'));
    response.write(Buffer.from('cd'));
    response.end();
    await answered;
    expect(undated(socket.text)).toBe(`${headOf('').replace('a: b\r\n', 'a: b\r\ncontent-length: 4\r\n')}abcd`);
  });

  test('of which the head is there first', async () => {
    const { socket, response, answered } = onStage();
    response.writeHead(200, { a: 'b' });
    response.flushHeaders();
    response.flushHeaders();
    const head = headOf('transfer-encoding: chunked\r\n');
    expect(undated(socket.text)).toBe(head);
    response.end();
    await answered;
    expect(undated(socket.text)).toBe(`${head}0\r\n\r\n`);
  });

  test('goes out in one write, however many pieces it has', async () => {
    const { socket, response, answered } = onStage();
    response.writeHead(200, { 'content-length': 3 });
    response.cork();
    response.cork();
    for (const piece of ['a', 'b', 'c']) response.write(Buffer.from(piece));
    expect(socket.taken).toEqual([]);
    response.end();
    await answered;
    expect(socket.taken).toHaveLength(1);
    expect(socket.text.endsWith('\r\n\r\nabc')).toBe(true);
    expect(socket.writableCorked).toBe(0);
  });

  test('writes each chunk with its frame at once', () => {
    const { socket, response } = onStage();
    response.writeHead(200);
    response.write(Buffer.from('a'));
    response.write(Buffer.from('b'));
    expect(socket.taken).toEqual([expect.stringMatching(/\r\n\r\n1\r\na\r\n$/), '1\r\nb\r\n']);
  });

  test('hands pieces on without a copy', () => {
    const { socket, response } = onStage();
    const pieces: unknown[] = [];
    socket._writev = (written, taken) => (pieces.push(...written.map(({ chunk }) => chunk)), taken());
    response.writeHead(200);
    const piece = Buffer.from('abc');
    response.write(piece);
    expect(pieces).toContain(piece);
  });

  test.each([
    ['close', 'Connection', 'Close', false],
    ['something else', 'x-connection', 'close', true],
    ['close among others', 'x', 'connection: close', true],
    ['a word that begins like it', 'connection', 'closed', true],
  ])('that says %s of its connection', async (_, name, value, mayFollow) => {
    const { socket, response, answered } = onStage();
    response.writeHead(200, { a: 'b', [name]: value });
    response.end('');
    expect(await answered).toBe(mayFollow);
    expect(socket.text.includes(ALIVE)).toBe(mayFollow);
    expect(socket.text).toContain(`\r\n${name}: ${value}\r\n`);
  });

  test('says of its connection what its owner says when the head goes out', async () => {
    const { socket, response, answered } = onStage('connection: close\r\n');
    response.writeHead(200, { a: 'b' });
    response.end();
    await answered;
    expect(undated(socket.text)).toBe(headOf('content-length: 0\r\n', 'connection: close\r\n'));
  });
});

describe('a head', () => {
  test('is written once', () => {
    const { response } = onStage();
    response.writeHead(200);
    expect(() => response.writeHead(404)).toThrow('written already');
  });

  test('that may not be written is not begun: another can be', async () => {
    const { socket, response, answered } = onStage();
    expect(() => response.writeHead(200, { a: 'b\r\nc: d' })).toThrow(TypeError);
    expect(response.headersSent).toBe(false);
    response.writeHead(500, { a: 'b' });
    response.end();
    await answered;
    expect(socket.text).toMatch(/^HTTP\/1\.1 500 /);
    expect(socket.text).not.toContain('c: d');
  });
});

describe('the end of an answer', () => {
  test('is when the last byte is taken, and not before', async () => {
    const { socket, response, told, answered } = onStage();
    socket.holds = true;
    response.writeHead(200);
    response.end('ok');
    await new Promise(setImmediate);
    expect(told).toEqual([]);
    expect(response.destroyed).toBe(false);
    expect(response.writableLength).toBeGreaterThan(100);
    socket.release();
    await answered;
    expect(told).toEqual(['close', 'answered true']);
    expect(response.writableLength).toBe(0);
  });

  test('comes once', async () => {
    const { socket, response, told, answered } = onStage();
    response.writeHead(200);
    response.end('a');
    response.end('b');
    expect(response.write(Buffer.from('c'))).toBe(false);
    await answered;
    response.end('d');
    response.closed();
    response.destroy();
    await new Promise(setImmediate);
    expect(socket.text.endsWith('\r\n\r\na')).toBe(true);
    expect(told).toEqual(['close', 'answered true']);
    // Of the next one.
    expect(socket.destroyed).toBe(false);
  });

  test('is nobody’s business when its socket fails', async () => {
    const { socket, response, told } = onStage();
    socket.holds = true;
    response.writeHead(200);
    response.end('a');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.release(new Error('gone'));
    await closed;
    expect(told).toEqual([]);
    response.closed();
    expect(told).toEqual(['close']);
  });

  test('that is taken after the connection was closed is no end', async () => {
    const { socket, response, told } = onStage();
    socket.holds = true;
    response.writeHead(200);
    response.end('a');
    response.closed();
    socket.release();
    await new Promise(setImmediate);
    expect(told).toEqual(['close']);
  });

  test('that is not awaited ends the connection', async () => {
    const { socket, response, told } = onStage();
    response.writeHead(200);
    response.write(Buffer.from('half'));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    response.destroy();
    response.destroy();
    expect([response.destroyed, socket.destroyed]).toEqual([true, true]);
    await closed;
    const before = socket.text;
    expect(response.write(Buffer.from('more'))).toBe(false);
    response.flushHeaders();
    response.end('more');
    await new Promise(setImmediate);
    expect(socket.text).toBe(before);
    expect(told).toEqual([]);
  });

  test('of one that nobody waits for any more says nothing', async () => {
    const { socket, response, told } = onStage();
    response.closed();
    response.closed();
    expect(told).toEqual(['close']);
    response.writeHead(200);
    response.flushHeaders();
    expect(response.write(Buffer.from('a'))).toBe(false);
    response.end('a');
    await new Promise(setImmediate);
    expect(socket.text).toBe('');
    expect(told).toEqual(['close']);
  });
});

describe('what is written', () => {
  test('is all with the operating system, or not', async () => {
    const { socket, response, answered } = onStage();
    response.writeHead(200);
    expect(response.isFlushed).toBe(true);
    response.write(Buffer.from('a'));
    expect(response.isFlushed).toBe(true);
    socket.holds = true;
    response.write(Buffer.from('b'));
    expect(response.isFlushed).toBe(false);
    response.write(Buffer.from('c'));
    socket.release();
    // Of two that waited, the second is on its way.
    expect(response.isFlushed).toBe(false);
    socket.holds = false;
    socket.release();
    await new Promise(setImmediate);
    expect(response.isFlushed).toBe(true);
    response.end();
    await answered;
  });

  test('is not while it is held back to go out in one write', () => {
    const { response } = onStage();
    response.writeHead(200);
    response.cork();
    response.write(Buffer.from('a'));
    expect(response.isFlushed).toBe(false);
  });
});

describe('who waits', () => {
  test('is told by `write`, and when there is room again, once or each time', () => {
    const { response, told, socket } = onStage();
    socket.holds = true;
    response.on('drain', () => told.push('each'));
    response.once('drain', () => told.push('once'));
    response.once('drain', () => told.push('once too'));
    response.writeHead(200, { 'content-length': 1_000 });
    expect(response.write(Buffer.alloc(500))).toBe(false);
    response.drained();
    response.drained();
    expect(told).toEqual(['each', 'once', 'once too', 'each']);
  });

  test('for its end is told once, by `once` as well', () => {
    const { response, told } = onStage();
    response.once('close', () => told.push('once'));
    response.closed();
    response.closed();
    expect(told).toEqual(['close', 'once']);
  });

  test('for room without asking is nobody', () => {
    expect(() => onStage().response.drained()).not.toThrow();
  });
});

interface Read {
  readonly line: string | undefined;
  readonly fields: readonly string[];
  readonly body: string;
}

/** What an answer says, however it is framed. Who names its server, and says what every answer says, is not looked at. */
function readAnswer(text: string): Read {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  let body = rest.join('\r\n\r\n');
  const [line, ...fields] = head.split('\r\n');
  const isChunked = fields.some((field) => /^transfer-encoding: chunked$/i.test(field));
  if (isChunked) {
    let whole = '';
    for (let size = Infinity; size > 0;) {
      const lineEnd = body.indexOf('\r\n');
      size = Number.parseInt(body.slice(0, lineEnd), 16);
      whole += body.slice(lineEnd + 2, lineEnd + 2 + size);
      body = body.slice(lineEnd + 4 + size);
    }
    body = whole;
  } else if (body !== '' && !fields.some((field) => /^content-length: /i.test(field))) body = 'until the end';
  const own = fields.filter(
    (field) => !/^(date|connection|keep-alive|x-all|transfer-encoding|content-length):/i.test(field),
  );
  return { line, fields: own, body };
}

/** What Node's own response writes. */
async function nodes(play: (response: HttpResponse) => void): Promise<string> {
  const socket = new FakeSocket();
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: 'POST', httpVersionMajor: 1, httpVersionMinor: 1, httpVersion: '1.1' });
  const response = new ServerResponse(request);
  response.assignSocket(socket as unknown as Socket);
  const finished = new Promise<void>((resolve) => response.once('finish', () => resolve()));
  play(response);
  await finished;
  return socket.text;
}

describe('as Node', () => {
  const plays: readonly (readonly [string, (response: HttpResponse) => void])[] = [
    ['a length', (it) => (it.writeHead(200, { 'content-length': 2 }), it.end('ok', 'latin1'))],
    ['no length', (it) => (it.writeHead(404, { a: 'b' }), it.end('\xe9\xff\0', 'latin1'))],
    ['no body', (it) => (it.writeHead(202, { 'content-length': 0 }), it.end())],
    ['no body, and no length', (it) => (it.writeHead(202), it.end())],
    ['nothing at all', (it) => it.end()],
    ['a text behind pieces', (it) => (it.writeHead(200), it.write(Buffer.from('a')), it.end('bc', 'latin1'))],
    ['no content', (it) => (it.writeHead(204, {}), it.end())],
    ['several values', (it) => (it.writeHead(401, { a: ['b', 'c'], d: 'e' }), it.end())],
    ['names and values in turn', (it) => (it.writeHead(200, ['a', 'b', 'A', 'c', 'd', 1]), it.end())],
    ['a status of nobody', (it) => (it.writeHead(299), it.end())],
    [
      'a value that looks like a length',
      (it) => (it.writeHead(200, { a: 'content-length: 9' }), it.write(Buffer.from('b')), it.end()),
    ],
    ['an empty chunk', (it) => (it.writeHead(200), it.write(Buffer.alloc(0)), it.write(Buffer.from('a')), it.end())],
    [
      'the head first, then pieces',
      (it) => {
        it.writeHead(200, { a: 'b' });
        it.flushHeaders();
        for (const size of [1, 15, 16, 17, 4_096]) it.write(Buffer.alloc(size, 'x'));
        it.end();
      },
    ],
    [
      'pieces in one write',
      (it) => {
        it.writeHead(200, { 'content-length': 4 });
        it.cork();
        it.write(Buffer.from('ab'));
        it.write(Buffer.from('cd'));
        it.end();
      },
    ],
  ];
  test.each(plays)('%s', async (_, play) => {
    const { socket, response, answered } = onStage();
    play(response);
    await answered;
    const known = (text: string) => ({ ...readAnswer(text), line: readAnswer(text).line?.toLowerCase() });
    expect(known(socket.text)).toEqual(known(await nodes(play)));
  });
});

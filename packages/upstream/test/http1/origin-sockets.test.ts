import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { answerOf, RawServer } from '../support/http1/raw-server.ts';
import { Stage } from '../support/http1/stage.ts';
import type { OriginRequest } from '../../src/http1/origin-sockets.ts';

interface Seen {
  readonly text: string;
  readonly line: string;
  readonly fields: readonly string[];
  readonly body: string;
}

/** A request as the server saw it, and its parts, the fields in a fixed order. */
function split(text: string): Seen {
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  return { text, line, fields: fields.sort(), body: text.slice(end + 4) };
}

async function onTheWire(request: Partial<OriginRequest>): Promise<Seen> {
  await using stage = await Stage.set();
  const reply = stage.send(request);
  const peer = await stage.server.accepted();
  const text = await peer.answer(answerOf(''));
  await reply.over();
  expect(reply.told).toEqual(['start', 'head', 'end']);
  const host = stage.server.origin.host;
  // One request is one request: nothing follows it.
  expect(peer.pending).toBe('');
  return split(text.replaceAll(host, 'ORIGIN'));
}

describe('a request on the wire', () => {
  test('POST: its line, its fields, its length and its body, byte for byte', async () => {
    const { text } = await onTheWire({
      path: '/mcp?a=b',
      headers: ['accept', 'text/plain', 'X-Twice', '1', 'X-Twice', '2'],
    });
    expect(text).toBe(
      'POST /mcp?a=b HTTP/1.1\r\nhost: ORIGIN\r\naccept: text/plain\r\nX-Twice: 1\r\nX-Twice: 2\r\ncontent-length: 2\r\n\r\n{}',
    );
  });

  test.each(['GET', 'DELETE'] as const)('%s: its line and its fields, byte for byte', async (method) => {
    const { text } = await onTheWire({ method, headers: ['host', 'mcp.test', 'a', ''] });
    expect(text).toBe(`${method} /mcp HTTP/1.1\r\nhost: mcp.test\r\na: \r\n\r\n`);
  });

  test('POST without a body says that it has none', async () => {
    const { fields, body } = await onTheWire({ method: 'POST', path: '/', headers: [], body: new Uint8Array() });
    expect(fields).toEqual(['content-length: 0', 'host: ORIGIN']);
    expect(body).toBe('');
  });

  test.each(['GET', 'DELETE'] as const)('%s has neither a body nor a length', async (method) => {
    expect(await onTheWire({ method })).toMatchObject({
      line: `${method} /mcp HTTP/1.1`,
      fields: ['host: ORIGIN'],
      body: '',
    });
  });

  test('a host that was given is the only one', async () => {
    const { fields } = await onTheWire({ headers: ['Host', 'mcp.test:81'] });
    expect(fields).toEqual(['Host: mcp.test:81', 'content-length: 2']);
  });

  test('a forward proxy gets the whole url and the host of the target', async () => {
    const { line, fields } = await onTheWire({ path: 'http://mcp.test/x?y', headers: ['host', 'mcp.test'] });
    expect(line).toBe('POST http://mcp.test/x?y HTTP/1.1');
    expect(fields).toContain('host: mcp.test');
  });

  test('values are sent as latin1, byte for byte', async () => {
    const value = 'tab\tand \u00e9\u00ff and "quotes"; a=b, c';
    expect((await onTheWire({ headers: ['x-text', value] })).fields).toContain(`x-text: ${value}`);
  });

  test.each([0, 1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 3_000_000])(
    'a body of %d bytes arrives whole',
    async (size) => {
      const body = Buffer.alloc(size);
      for (let index = 0; index < size; index++) body[index] = (index * 31) % 251;
      const request = await onTheWire({ body });
      expect(request.fields).toContain(`content-length: ${size}`);
      expect(Buffer.from(request.body, 'latin1').equals(body)).toBe(true);
    },
  );

  test('a body that is a view of something larger is sent as what it is', async () => {
    expect((await onTheWire({ body: new Uint8Array(Buffer.from('abcdef').buffer, 0, 0) })).body).toBe('');
    const larger = new TextEncoder().encode('before{"a":1}after');
    expect((await onTheWire({ body: larger.subarray(6, 13) })).body).toBe('{"a":1}');
  });
});

describe('what the kernel is handed', () => {
  test.each([
    ['a small body goes with its head', 2, 1],
    ['a body of 16 KiB goes with its head', 16 * 1024, 1],
    ['a larger body is not copied', 16 * 1024 + 1, 2],
    ['no body is no write', 0, 1],
  ])('%s', async (_, size, writes) => {
    const sizes: number[] = [];
    await using stage = await Stage.set({
      connect: (real) => (asked, callback) =>
        real(asked, (...given) => {
          const socket = given[1];
          const write = socket?.write.bind(socket);
          if (socket && write) {
            socket.write = (...written: unknown[]) => {
              sizes.push((written[0] as string | Uint8Array).length);
              return Reflect.apply(write, socket, written) as boolean;
            };
          }
          callback(...given);
        }),
    });
    const reply = stage.send({ body: Buffer.alloc(size) });
    const request = await (await stage.server.accepted()).answer(answerOf('x'));
    await reply.over();
    expect(sizes).toHaveLength(writes);
    expect(sizes.reduce((sum, one) => sum + one, 0)).toBe(request.length);
  });
});

describe('what would break out of a request is refused before anything is sent', () => {
  const bad: readonly (readonly [string, Partial<OriginRequest>])[] = [
    ['CR LF in a path', { path: '/a HTTP/1.1\r\nx: y' }],
    ['LF in a path', { path: '/a\nb' }],
    ['a blank in a path', { path: '/a b' }],
    ['a tab in a path', { path: '/a\tb' }],
    ['NUL in a path', { path: '/a\0' }],
    ['DEL in a path', { path: '/a\u007f' }],
    ['a path that looks like LF in latin1', { path: '/\u010a' }],
    ['an empty path', { path: '' }],
    ['CR LF in a value', { headers: ['x', 'a\r\nevil: 1'] }],
    ['CR in a value', { headers: ['x', 'a\rb'] }],
    ['LF in a value', { headers: ['x', 'a\nb'] }],
    ['NUL in a value', { headers: ['x', 'a\0b'] }],
    ['DEL in a value', { headers: ['x', 'a\u007fb'] }],
    ['a value that would become LF in latin1', { headers: ['x', 'a\u010ab'] }],
    ['a value that would become CR in latin1', { headers: ['x', 'a\u560db'] }],
    ['a value beyond latin1', { headers: ['x', '\u{1f600}'] }],
    ['a colon in a name', { headers: ['x: y', 'a'] }],
    ['CR LF in a name', { headers: ['x\r\ny', 'a'] }],
    ['a blank in a name', { headers: ['x y', 'a'] }],
    ['a blank before a name', { headers: [' x', 'a'] }],
    ['an empty name', { headers: ['', 'a'] }],
    ['a name that is no ASCII', { headers: ['\u00e9', 'a'] }],
    ['a name that would become a colon in latin1', { headers: ['x\u013a', 'a'] }],
    ['CR LF in a host', { headers: ['host', 'a\r\nb: c'] }],
    ['two hosts', { headers: ['host', 'a', 'Host', 'b'] }],
    ['a name without a value', { headers: ['x'] }],
  ];

  test.each(bad)('%s', async (_, request) => {
    await using stage = await Stage.set();
    const first = stage.send();
    const peer = await stage.server.accepted();
    await peer.answer(answerOf('1'));
    await first.over();
    const refused = await stage.send(request).over();
    expect(refused.error).toBeInstanceOf(Error);
    expect(refused.told).not.toContain('head');
    // The next one is what comes next on the connection: of the refused one there is not a byte.
    const next = stage.send({ method: 'GET', path: '/next' });
    expect(await peer.answer(answerOf('2'))).toMatch(/^GET \/next HTTP\/1\.1\r\n/);
    expect((await next.over()).body).toBe('2');
    expect(stage.server.peers).toHaveLength(1);
  });

  test.each(['content-length', 'Content-Length', 'transfer-encoding', 'Transfer-Encoding'])(
    '%s is not for callers to say',
    async (name) => {
      await using stage = await Stage.set();
      const reply = stage.send({ headers: [name, name.toLowerCase() === 'content-length' ? '1' : 'chunked'] });
      const next = stage.send({ path: '/next' });
      const peer = await stage.server.accepted();
      // Either it fails, or what was said is left out: the body is delimited in one way.
      const text = await peer.request();
      expect(text.match(/content-length: *(\d+)/gi)).toEqual(['content-length: 2']);
      expect(text).not.toMatch(/transfer-encoding/i);
      expect(text.includes('/next') || !reply.isOver).toBe(true);
      expect(next.isOver).toBe(false);
    },
  );
});

describe('what the connector is asked for', () => {
  test.each([
    ['http://127.0.0.1:8123', { hostname: '127.0.0.1', host: '127.0.0.1:8123', protocol: 'http:', port: '8123' }],
    ['http://mcp.test', { hostname: 'mcp.test', host: 'mcp.test', protocol: 'http:', port: '' }],
    ['https://mcp.test', { hostname: 'mcp.test', host: 'mcp.test', protocol: 'https:', port: '' }],
    ['http://[::1]:8123', { hostname: '::1', host: '[::1]:8123', protocol: 'http:', port: '8123' }],
  ])('%s', async (origin, expected) => {
    const refusal = new Error('not today');
    await using stage = await Stage.set({
      origin: new URL(origin),
      connect: () => (_, callback) => callback(refusal, null),
    });
    const reply = await stage.send().over();
    expect(reply.told).toEqual(['error']);
    expect(reply.error).toBe(refusal);
    expect(reply.errorController).toBeUndefined();
    expect(stage.asked[0]).toMatchObject(expected);
    expect(stage.asked[0]?.localAddress ?? null).toBeNull();
  });

  test('the name in the Host is the name for TLS', async () => {
    await using stage = await Stage.set({
      origin: new URL('https://127.0.0.1:1'),
      connect: () => (_, callback) => callback(new Error('not today'), null),
    });
    await stage.send({ headers: ['host', 'mcp.test:81'] }).over();
    expect(stage.asked[0]?.servername).toBe('mcp.test');
  });

  test('an address is no name for TLS', async () => {
    await using stage = await Stage.set({
      origin: new URL('https://127.0.0.1:1'),
      connect: () => (_, callback) => callback(new Error('not today'), null),
    });
    await stage.send().over();
    expect(stage.asked[0]?.servername ?? '').toBe('');
  });

  test('a server on IPv6', async () => {
    await using stage = await Stage.set({ server: await RawServer.start({ host: '::1' }) });
    const reply = stage.send();
    const peer = await stage.server.accepted();
    expect(await peer.answer(answerOf('six'))).toContain(`host: ${stage.server.origin.host}\r\n`);
    expect((await reply.over()).body).toBe('six');
  });
});

describe('a server of node:http', () => {
  test('takes what is sent, and what it answers is read', async () => {
    const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const body = Buffer.concat(pieces).toString();
      const seen = JSON.stringify({ method: request.method, url: request.url, body, x: request.headers['x-one'] });
      if (request.url === '/chunked') for (const character of seen) response.write(character);
      else response.setHeader('content-length', seen.length).write(seen);
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await using stage = await Stage.set({
        origin: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      });
      for (const method of ['POST', 'GET', 'DELETE'] as const) {
        for (const path of ['/chunked', '/length']) {
          const reply = await stage.send({ method, path, headers: ['x-one', '1'] }).over();
          expect(reply.told).toEqual(['start', 'head', 'data', 'end']);
          const body = method === 'POST' ? '{}' : '';
          expect(JSON.parse(reply.body)).toEqual({ method, url: path, body, x: '1' });
        }
      }
      // All of it over one connection.
      expect(stage.clientSockets).toHaveLength(1);
    } finally {
      server.close();
    }
  });
});

import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { DrivenClock, connectWebSocket, contextFor, exchangeOf, failureOf } from '../http/support/context.ts';
import { RawServer } from '../http/support/raw-server.ts';
import { SocketServer, reply } from './support.ts';

describe('a server behind a WebSocket', () => {
  test.each(['legacy', 'modern'] as const)('of the %s era is found to be so, and called', async (era) => {
    await using server = await SocketServer.start({ era });
    const connection = await connectWebSocket(contextFor({ url: server.url }));
    expect([connection.era, connection.server.info]).toMatchObject([era, { name: 'socket' }]);
    const exchange = exchangeOf('tools/call', { name: 'x', arguments: { text: 'é🦊' } });
    const outcome = await connection.request(exchange);
    expect(outcome.payload.value()).toMatchObject({ echoed: { name: 'x', arguments: { text: 'é🦊' } } });
    await connection.close();
    expect(await server.closed.next()).toBe(1000);
  });

  test('is asked for the subprotocol mcp, without compression, with the configured headers', async () => {
    await using server = await SocketServer.start();
    const headers = { authorization: { secret: 'env://TOKEN', format: 'Bearer {}' } };
    const context = contextFor({ url: server.url, headers, secrets: { 'env://TOKEN': 't0ken' } });
    const connection = await connectWebSocket(context);
    const [request] = server.requests;
    expect(request?.url).toBe('/mcp?tenant=1');
    expect(request?.headers).toMatchObject({ 'sec-websocket-protocol': 'mcp', authorization: 'Bearer t0ken' });
    expect(request?.headers['sec-websocket-extensions']).toBeUndefined();
    await connection.close();
  });

  test('that leaves on the probe is initialised on a new connection', async () => {
    let probes = 0;
    await using server = await SocketServer.start();
    server.sockets.push = (socket) => {
      if (probes++ === 0) socket.once('message', () => socket.terminate());
      return 0;
    };
    const connection = await connectWebSocket(contextFor({ url: server.url }));
    expect([connection.era, server.requests.length]).toEqual(['legacy', 2]);
    await connection.close();
  });

  test.each([
    [401, 'UPSTREAM_UNAVAILABLE', 'credentials'],
    [404, 'UPSTREAM_PROTOCOL', '404'],
    [500, 'UPSTREAM_UNAVAILABLE', '500'],
  ])('that refuses with %i is told apart', async (refuse, code, words) => {
    await using server = await SocketServer.start({ refuse });
    expect(await failureOf(connectWebSocket(contextFor({ url: server.url })))).toMatchObject({
      code,
      problem: expect.stringContaining(words) as string,
    });
  });

  test('that does not speak the subprotocol is no MCP server', async () => {
    await using server = await SocketServer.start({ subprotocol: false });
    expect(await failureOf(connectWebSocket(contextFor({ url: server.url })))).toMatchObject({
      code: 'UPSTREAM_PROTOCOL',
      problem: expect.stringContaining('subprotocol') as string,
    });
  });

  test('that is plain HTTP, or not there at all, is named as such', async () => {
    await using http = await RawServer.start((_, response) => void response.writeHead(200).end('hello'));
    const url = `ws://127.0.0.1:${http.port}/`;
    expect((await failureOf(connectWebSocket(contextFor({ url })))).code).toBe('UPSTREAM_PROTOCOL');
    const closed = contextFor({ url: 'ws://127.0.0.1:1/' });
    expect(await failureOf(connectWebSocket(closed))).toMatchObject({
      problem: expect.stringContaining('refuses connections') as string,
      mayHaveRun: false,
    });
  });

  test('that never answers the upgrade ends with the start', async () => {
    const silent = createTcpServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const controller = new AbortController();
    const attempt = connectWebSocket(contextFor({ url, signal: controller.signal }));
    controller.abort(new Error('too slow'));
    await expect(attempt).rejects.toThrow('too slow');
    silent.close();
  });
});

describe('a call', () => {
  const lost = { code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true };

  test.each<[string, (server: SocketServer) => void]>([
    ['is closed', (server) => server.sockets[0]?.close(1001)],
    ['breaks', (server) => server.tcp[0]?.resetAndDestroy()],
    ['ends without a closing frame', (server) => server.tcp[0]?.end()],
  ])('fails when the connection %s, and may have run', async (_, end) => {
    await using server = await SocketServer.start({ answer: () => end(server) });
    const context = contextFor({ url: server.url });
    const connection = await connectWebSocket(context);
    expect(await failureOf(connection.request(exchangeOf('tools/call', {})))).toMatchObject(lost);
    expect((await context.closed.next()).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(await failureOf(connection.request(exchangeOf('tools/call', {})))).toMatchObject({ mayHaveRun: false });
    await connection.close();
  });

  test('fails with an answer beyond the bound; one at the bound is taken', async () => {
    const room = 10_000;
    const frame = (id: unknown, bytes: number): string => {
      const rest = JSON.stringify({ jsonrpc: '2.0', id, result: { text: '' } }).length;
      return JSON.stringify({ jsonrpc: '2.0', id, result: { text: 'x'.repeat(bytes - rest) } });
    };
    await using server = await SocketServer.start({
      answer: ({ id, params }, socket) => socket.send(frame(id, params['bytes'] as number)),
    });
    const context = contextFor({ url: server.url, messageBytes: room });
    const connection = await connectWebSocket(context);
    expect((await connection.request(exchangeOf('tools/call', { bytes: room }))).kind).toBe('result');
    expect(await failureOf(connection.request(exchangeOf('tools/call', { bytes: room + 1 })))).toMatchObject({
      code: 'UPSTREAM_RESULT_TOO_LARGE',
      mayHaveRun: true,
    });
    await context.closed.next();
    await connection.close();
  });

  test('succeeds between frames that are no messages, which are reported once', async () => {
    await using server = await SocketServer.start({
      answer(message, socket) {
        for (const junk of ['', 'hello', '[]', '{"jsonrpc":"2.0"}', '{"a":']) socket.send(junk);
        socket.send(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { binary: true } })));
        reply(socket, message, { ok: true });
      },
    });
    const context = contextFor({ url: server.url });
    const connection = await connectWebSocket(context);
    expect((await connection.request(exchangeOf('tools/call', {}))).payload.value()).toEqual({ ok: true });
    expect(context.logged.all.filter(({ level }) => level === 'warn')).toHaveLength(1);
    await connection.close();
  });

  test('fails when the server breaks the framing', async () => {
    // A frame with an opcode that does not exist.
    await using server = await SocketServer.start({ answer: () => server.tcp[0]?.write(Buffer.from([0x83, 0x00])) });
    const context = contextFor({ url: server.url });
    const connection = await connectWebSocket(context);
    expect(await failureOf(connection.request(exchangeOf('tools/call', {})))).toMatchObject({
      code: 'UPSTREAM_PROTOCOL',
    });
    await context.closed.next();
    await connection.close();
  });

  test('meets its bound when the server reads nothing', async () => {
    await using server = await SocketServer.start();
    const context = contextFor({ url: server.url });
    const limited = { ...context, limits: { ...context.limits, queuedBytes: 1024 * 1024 } };
    const connection = await connectWebSocket(limited);
    server.tcp[0]?.pause();
    const blob = 'x'.repeat(256 * 1024);
    const calls = Array.from({ length: 100 }, () => failureOf(connection.request(exchangeOf('tools/call', { blob }))));
    expect(await Promise.race(calls)).toMatchObject({ code: 'UPSTREAM_OVERLOADED', mayHaveRun: false });
    server.tcp[0]?.resume();
    await connection.close();
    await Promise.allSettled(calls);
  });
});

test('a half-open connection is noticed: a ping without an answer ends it', async () => {
  const clock = new DrivenClock();
  await using server = await SocketServer.start();
  const context = contextFor({ url: server.url, clock, callTimeout: 45_000 });
  const connection = await connectWebSocket(context);
  await clock.pass((delay) => delay === 30_000);
  await new Promise((resolve) => server.sockets[0]?.once('ping', resolve));
  // Its pong is heard before this answer is.
  await connection.request(exchangeOf('tools/call', {}));
  server.tcp[0]?.pause();
  for (let quiet = 0; quiet < 3; quiet++) {
    expect(context.closed.all).toEqual([]);
    // oxlint-disable-next-line no-await-in-loop -- one interval after the other
    await clock.pass((delay) => delay === 30_000);
  }
  expect((await context.closed.next()).details['problem']).toBe('It no longer says anything.');
  const closed = connection.close();
  await clock.pass((delay) => delay === context.limits.stopStep);
  await closed;
});

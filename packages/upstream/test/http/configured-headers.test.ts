import { expect, test } from 'vitest';
import { connectHttp, connectWebSocket, DrivenClock, contextFor, exchangeOf, failureOf } from './support/context.ts';
import { startSse } from '../sse/support.ts';
import { SocketServer } from '../websocket/support.ts';
import { openEvents, RawServer, resultOf, sendJson } from './support/raw-server.ts';
import { startLegacy, startModern } from './support/scripted-servers.ts';

const headers = { Authorization: { secret: 'env://TOKEN', format: 'Bearer {}' }, 'X-Team': 'blue' };

test('every request to the server carries the configured headers', async () => {
  await using server = await startLegacy();
  const secrets = { 'env://TOKEN': 'first' };
  const connection = await connectHttp(contextFor({ url: server.url, headers, secrets }));
  await connection.request(exchangeOf('tools/list'));
  await server.next('GET');
  await connection.close();
  expect(server.received.all.map(({ method }) => method)).toContain('GET');
  expect(server.received.all.map(({ method }) => method)).toContain('DELETE');
  for (const received of server.received.all) {
    expect(received.headers).toMatchObject({ authorization: 'Bearer first', 'x-team': 'blue' });
  }
});

test.each([
  ['legacy', startLegacy],
  ['modern', (script: Parameters<typeof startLegacy>[0] = {}) => startModern(script.call)],
])('secrets that a %s server refuses are read anew once a minute, and the call is repeated', async (_, start) => {
  let accepted = 'Bearer first';
  await using server = await start({
    call: (received, response) => {
      if (received.headers.authorization !== accepted) return void response.writeHead(401).end();
      sendJson(response, resultOf(received, { ok: true }));
    },
  });
  const secrets = { 'env://TOKEN': 'first' };
  const expired: string[] = [];
  const clock = new DrivenClock();
  const connection = await connectHttp(contextFor({ url: server.url, headers, secrets, expired, clock }));
  const call = () => connection.request(exchangeOf('tools/call', { name: 'x' }));
  expect((await call()).kind).toBe('result');

  accepted = 'Bearer second';
  secrets['env://TOKEN'] = 'second';
  expect((await call()).kind).toBe('result');
  expect(expired).toEqual(['env://TOKEN']);
  expect(server.count('tools/call')).toBe(3);

  accepted = 'Bearer third';
  secrets['env://TOKEN'] = 'third';
  expect(await failureOf(call())).toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE',
    mayHaveRun: false,
    problem: expect.stringContaining('refused the credentials'),
  });
  expect(server.count('tools/call')).toBe(4);

  clock.advance(60_000);
  expect((await call()).kind).toBe('result');

  accepted = 'Bearer fourth';
  clock.advance(60_000);
  expect(await failureOf(call())).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  expect(server.count('tools/call')).toBe(7);
  await connection.close();
});

test('calls that are refused side by side are all repeated with the secrets that are read once', async () => {
  let accepted = 'Bearer first';
  await using server = await startModern((received, response) => {
    if (received.headers.authorization !== accepted) return void response.writeHead(401).end();
    sendJson(response, resultOf(received, { ok: true }));
  });
  const secrets = { 'env://TOKEN': 'first' };
  const expired: string[] = [];
  const connection = await connectHttp(contextFor({ url: server.url, headers, secrets, expired }));
  accepted = 'Bearer second';
  secrets['env://TOKEN'] = 'second';
  const calls = Array.from({ length: 20 }, () => connection.request(exchangeOf('tools/call', { name: 'x' })));
  expect((await Promise.all(calls)).map(({ kind }) => kind)).toEqual(calls.map(() => 'result'));
  expect(expired).toEqual(['env://TOKEN']);
  await connection.close();
});

test.each(['sse', undefined] as const)(
  'what refuses the credentials of a start (protocol %s) expires them',
  async (protocol) => {
    await using server = await RawServer.start((_, response) => void response.writeHead(401).end());
    const expired: string[] = [];
    const context = contextFor({
      url: server.url,
      headers,
      secrets: { 'env://TOKEN': 'first' },
      expired,
      ...(protocol && { protocol }),
    });
    expect(await failureOf(connectHttp(context))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(expired).toEqual(['env://TOKEN']);
  },
);

test('a stream outside calls that is refused has them read anew', async () => {
  const expired: string[] = [];
  const secrets = { 'env://TOKEN': 'first' };
  await using server = await startLegacy({
    stream: ({ headers: given }, response) => {
      secrets['env://TOKEN'] = 'second';
      response.writeHead(given.authorization === 'Bearer second' ? 405 : 401).end();
    },
  });
  const connection = await connectHttp(contextFor({ url: server.url, headers, secrets, expired }));
  await server.next('GET');
  const { headers: given } = await server.next('GET');
  expect(given.authorization).toBe('Bearer second');
  expect(expired).toEqual(['env://TOKEN']);
  await connection.close();
});

test('a handshake of a WebSocket that is refused expires them', async () => {
  await using server = await SocketServer.start({ refuse: 401 });
  const expired: string[] = [];
  const context = contextFor({ url: server.url, headers, secrets: { 'env://TOKEN': 'first' }, expired });
  expect(await failureOf(connectWebSocket(context))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  expect(expired).toEqual(['env://TOKEN']);
});

test('a message of an HTTP+SSE session that is refused expires them', async () => {
  await using server = await startSse({ post: (_, response) => void response.writeHead(401).end() });
  const expired: string[] = [];
  const options = { url: server.url, protocol: 'sse', headers, secrets: { 'env://TOKEN': 'first' }, expired } as const;
  const connection = await connectHttp(contextFor(options));
  expect(await failureOf(connection.request(exchangeOf('tools/call', { name: 'x' })))).toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE',
    mayHaveRun: false,
  });
  expect(expired).toEqual(['env://TOKEN']);
  await connection.close();
});

test('a call that was taken is not made twice when the rest of its answer is refused', async () => {
  const secrets = { 'env://TOKEN': 'first' };
  await using server = await startLegacy({
    call: (_, response) => {
      secrets['env://TOKEN'] = 'second';
      openEvents(response);
      response.end('id: 1\nretry: 20\ndata:\n\n');
    },
    stream: ({ headers: given }, response) => {
      response.writeHead(given['last-event-id'] === undefined ? 405 : 401).end();
    },
  });
  const connection = await connectHttp(contextFor({ url: server.url, headers, secrets }));
  expect(await failureOf(connection.request(exchangeOf('tools/call', { name: 'x' })))).toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE',
  });
  expect(server.count('tools/call')).toBe(1);
  await connection.close();
});

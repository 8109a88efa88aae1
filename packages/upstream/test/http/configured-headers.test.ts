import { expect, test } from 'vitest';
import { connectHttp, DrivenClock, contextFor, exchangeOf, failureOf } from './support/context.ts';
import { resultOf, sendJson } from './support/raw-server.ts';
import { startLegacy, startModern } from './support/scripted-servers.ts';

const headers = { Authorization: { secret: 'env://TOKEN', format: 'Bearer {}' }, 'X-Team': 'blue' };

test('every request to the server carries the configured headers', async () => {
  await using server = await startLegacy();
  const secrets = { 'env://TOKEN': 'first' };
  const connection = await connectHttp(contextFor({ url: server.url, headers, secrets }));
  await connection.request(exchangeOf('tools/list'));
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
])('refused credentials of a %s server are read again once a minute, and the call is repeated', async (_, start) => {
  let accepted = 'Bearer first';
  await using server = await start({
    call: (received, response) => {
      if (received.headers.authorization !== accepted) return void response.writeHead(401).end();
      sendJson(response, resultOf(received, { ok: true }));
    },
  });
  const secrets = { 'env://TOKEN': 'first' };
  const clock = new DrivenClock();
  const connection = await connectHttp(contextFor({ url: server.url, headers, secrets, clock }));
  const call = () => connection.request(exchangeOf('tools/call', { name: 'x' }));
  expect((await call()).kind).toBe('result');

  accepted = 'Bearer second';
  secrets['env://TOKEN'] = 'second';
  expect(await failureOf(call())).toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE',
    mayHaveRun: false,
    problem: expect.stringContaining('refused the credentials'),
  });
  expect(server.count('tools/call')).toBe(2);

  clock.advance(60_000);
  expect((await call()).kind).toBe('result');
  expect(server.count('tools/call')).toBe(4);

  accepted = 'Bearer third';
  clock.advance(60_000);
  expect(await failureOf(call())).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  expect(server.count('tools/call')).toBe(5);
  await connection.close();
});

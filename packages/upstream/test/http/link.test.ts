import type { Clock } from '@hostler/kernel';
import { expect, it } from 'vitest';
import { openLink } from '../../src/http/link.ts';
import type { HttpRequest } from '../../src/http/link.ts';
import { connectorOf } from '../../src/network/connector.ts';
import type { OutboundHeaders } from '../../src/outbound-headers.ts';
import type { ServerAuthorization } from '../../src/server-authorization.ts';
import { RawServer } from './support/raw-server.ts';

/** Nothing here takes time. */
const clock: Clock = { now: () => performance.now(), after: () => () => {} };

it('sends what is in force, whatever the same list of headers was sent with before', async () => {
  await using server = await RawServer.start((_, response) => response.writeHead(202).end());
  let configured: readonly string[] = ['x-key', 'first'];
  const authorization = { value: '' };
  const link = openLink({
    url: new URL(server.url),
    route: { connect: connectorOf({}) },
    headers: { forOrigin: () => configured } as unknown as OutboundHeaders,
    authorization: authorization as ServerAuthorization,
    maxBytes: 1_000,
    clock,
  });
  const own = ['mcp-session-id', 'a'];

  async function sent(method: HttpRequest['method'], headers = own): Promise<object> {
    const body = Buffer.from('{"method":"x"}');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    link.send(
      { method, headers, lane: 'calls', ...(method === 'POST' && { body }) },
      { onEvent() {}, onEnd: () => resolve(), onFailure: reject },
    );
    await promise;
    const { headers: seen } = await server.next(method === 'POST' ? 'x' : method);
    const { 'x-key': key, authorization: token, 'mcp-session-id': session, accept } = seen;
    return { key, token, session, accept };
  }

  const both = 'application/json, text/event-stream';
  const first = { key: 'first', session: 'a', accept: both };
  expect(await sent('POST')).toEqual(first);
  expect(await sent('POST')).toEqual(first);
  expect(await sent('POST', ['mcp-session-id', 'b'])).toEqual({ ...first, session: 'b' });
  authorization.value = 'Bearer one';
  expect(await sent('POST')).toEqual({ ...first, token: 'Bearer one' });
  authorization.value = 'Bearer two';
  expect(await sent('POST')).toEqual({ ...first, token: 'Bearer two' });
  configured = ['x-key', 'second'];
  expect(await sent('POST')).toEqual({ ...first, key: 'second', token: 'Bearer two' });
  authorization.value = '';
  expect(await sent('POST')).toEqual({ ...first, key: 'second' });
  expect(await sent('GET')).toEqual({ key: 'second', session: 'a', accept: 'text/event-stream' });
  expect(await sent('POST')).toEqual({ ...first, key: 'second' });
  await link.close();
});

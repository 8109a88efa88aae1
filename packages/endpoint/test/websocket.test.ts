import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { describe, expect, test } from 'vitest';
import type { Exchange, Outcome } from '@hostler/kernel';
import { FacesRig, SocketClient } from './support/faces-rig.ts';
import { result } from './support/fake-host.ts';
import { responseOf, wholeAnswer, withPatience } from './support/http-rig.ts';
import { initialize, legacy, modern, notification } from './support/messages.ts';

const PATIENT = { timeout: 20_000 };

function untilAborted({ signal }: Exchange): Promise<Outcome> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

test('the WebSocket client of the v1 SDK is served', async () => {
  await using rig = await FacesRig.start({
    dispatch: ({ request }) => result({ content: [{ type: 'text', text: JSON.stringify(request.params) }] }, 'legacy'),
  });
  const client = new Client({ name: 'v1', version: '1' });
  await client.connect(new WebSocketClientTransport(new URL(rig.socketUrl)));
  expect(JSON.stringify(await client.callTool({ name: 'x', arguments: { text: 'é🦊' } }))).toContain('é🦊');
  await client.close();
  await expect.poll(() => rig.host.endedSessions, PATIENT).toHaveLength(1);
});

describe('a connection', () => {
  test('carries both eras, message by message, each answered in its own', async () => {
    await using rig = await FacesRig.start();
    const client = await SocketClient.open(rig.socketUrl);
    client.say(modern('server/discover', { id: 'd' }));
    expect(await client.message(0)).toMatchObject({ id: 'd', result: { supportedVersions: ['2026-07-28'] } });
    client.say(initialize());
    expect(await client.message(1)).toMatchObject({ id: 0, result: { serverInfo: { name: 'fake' } } });
    client.say(modern('tools/call', { id: 5, params: { name: 'x' } }));
    expect(await client.message(2)).toMatchObject({ id: 5, result: { ok: true } });
    client.say(legacy('tools/list', 6));
    expect(await client.message(3)).toMatchObject({ id: 6 });
    expect(rig.host.seen.map((exchange) => exchange.client.era)).toEqual(['modern', 'legacy']);
    client.socket.close();
    await client.closed;
  });

  test('speaks mcp where that is offered, without compression, and needs no subprotocol', async () => {
    await using rig = await FacesRig.start();
    const offered = await SocketClient.open(rig.socketUrl, ['other', 'mcp']);
    expect([offered.socket.protocol, offered.socket.extensions]).toEqual(['mcp', '']);
    const plain = await SocketClient.open(rig.socketUrl, []);
    plain.say(initialize());
    expect(await plain.message(0)).toMatchObject({ id: 0 });
    await expect(SocketClient.open(rig.socketUrl, ['other'])).rejects.toThrow('subprotocol');
    for (const { socket } of [offered, plain]) socket.terminate();
  });

  test('is refused in HTTP where there is nothing, or no room', async () => {
    await using rig = await FacesRig.start({ has: ({ kind }) => kind === 'all', limits: { streamsPerConsumer: 1 } });
    const first = await SocketClient.open(rig.socketUrl);
    await expect(SocketClient.open(rig.socketUrl)).rejects.toThrow('status 429');
    rig.caller = { scope: { kind: 'server', name: 'gone' }, consumer: { name: 'alice' } };
    await expect(SocketClient.open(rig.socketUrl)).rejects.toThrow('status 404');
    rig.caller = { scope: { kind: 'all' }, consumer: { name: 'bob' } };
    const other = await SocketClient.open(rig.socketUrl);
    rig.caller = { scope: { kind: 'all' }, consumer: { name: 'alice' } };
    first.socket.terminate();
    await expect
      .poll(() => SocketClient.open(rig.socketUrl).then(({ socket }) => socket.terminate(), String), PATIENT)
      .toBe(undefined);
    other.socket.terminate();
  });

  test('that is none is told so, and gives its place back', async () => {
    await using rig = await FacesRig.start({ limits: { streamsPerConsumer: 1 } });
    const request = httpRequest(rig.socketUrl.replace('ws', 'http'), { agent: false });
    const response = responseOf(request);
    request.end();
    const answer = await wholeAnswer(await response);
    expect([answer.status, answer.headers.upgrade]).toEqual([426, 'websocket']);
    const text = await handshake(rig, 'Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n');
    expect(text).toContain('HTTP/1.1 400');
    expect(await handshake(rig, 'Sec-WebSocket-Version: 13\r\n')).toContain('HTTP/1.1 400');
    const client = await SocketClient.open(rig.socketUrl);
    client.socket.terminate();
  });

  test('is the session: when the client leaves, its calls are cancelled and the host lets go', async () => {
    await using rig = await FacesRig.start({ dispatch: untilAborted });
    const client = await SocketClient.open(rig.socketUrl);
    client.say(initialize());
    await client.message(0);
    const both: Exchange[] = [];
    for (const message of [legacy('tools/call', 1), modern('tools/call', { id: 2, params: { name: 'x' } })]) {
      const dispatched = rig.host.nextDispatch();
      client.say(message);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      both.push(await dispatched);
    }
    const aborted = both.map(({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)));
    client.socket.terminate();
    await withPatience(Promise.all(aborted), 'the cancellation');
    await expect.poll(() => rig.host.endedSessions, PATIENT).toHaveLength(1);
  });
});

describe('a frame', () => {
  test('that is no message is answered as on any other transport', async () => {
    await using rig = await FacesRig.start();
    const client = await SocketClient.open(rig.socketUrl);
    client.socket.send('{');
    expect(await client.message(0)).toMatchObject({ error: { code: -32700 } });
    client.socket.send('[]');
    expect(await client.message(1)).toMatchObject({ error: { code: -32600 } });
    client.say(legacy('tools/list', 3));
    expect(await client.message(2)).toMatchObject({ id: 3, error: { code: -32600 } });
    client.socket.terminate();
  });

  test('that is binary ends the connection', async () => {
    await using rig = await FacesRig.start();
    const client = await SocketClient.open(rig.socketUrl);
    client.socket.send(Buffer.from(JSON.stringify(initialize())));
    expect(await client.closed).toMatchObject({ code: 1003 });
    expect(rig.host.describes).toBe(0);
  });

  test('at the bound is taken, and one byte more ends the connection', async () => {
    const room = 5_000;
    await using rig = await FacesRig.start({ limits: { messageBytes: room } });
    const message = (bytes: number): string => {
      const rest = JSON.stringify(modern('tools/call', { params: { name: '' } })).length;
      return JSON.stringify(modern('tools/call', { params: { name: 'x'.repeat(bytes - rest) } }));
    };
    const client = await SocketClient.open(rig.socketUrl);
    client.socket.send(message(room));
    expect(await client.message(0)).toMatchObject({ result: { ok: true } });
    client.socket.send(message(room + 1));
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  test('that breaks the framing ends the connection and nothing else', async () => {
    await using rig = await FacesRig.start();
    const client = await SocketClient.open(rig.socketUrl);
    // Not masked, as only servers may send them: RFC 6455, 5.1.
    (client.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
      Buffer.from([0x81, 0x01, 0x7b]),
    );
    expect(await client.closed).toMatchObject({ code: 1002 });
    const other = await SocketClient.open(rig.socketUrl);
    other.socket.terminate();
  });
});

describe('a client', () => {
  test('that says nothing is pinged, and kept as long as it answers', async () => {
    await using rig = await FacesRig.start();
    const client = await SocketClient.open(rig.socketUrl);
    let pings = 0;
    client.socket.on('ping', () => pings++);
    for (let beat = 1; beat <= 8; beat++) {
      // oxlint-disable-next-line no-await-in-loop -- one beat after the other
      await rig.clock.pass(15_000);
      // oxlint-disable-next-line no-await-in-loop -- one beat after the other
      await expect.poll(() => pings, PATIENT).toBe(beat);
    }
    client.say(initialize());
    await client.message(0);
    client.socket.terminate();
  });

  test('that answers no ping is gone', async () => {
    await using rig = await FacesRig.start();
    const client = await SocketClient.open(rig.socketUrl);
    client.socket.pause();
    await rig.clock.pass(70_000);
    client.socket.resume();
    expect(await client.closed).toMatchObject({ code: 1006 });
    expect(rig.log.messages('warn')).toEqual(['a client on a web socket is gone']);
  });

  test('that does not read is asked for nothing more, and cut off when it takes nothing', async () => {
    await using rig = await FacesRig.start({ dispatch: () => result({ text: 'x'.repeat(4_000_000) }, 'modern') });
    const client = await SocketClient.open(rig.socketUrl);
    client.socket.pause();
    for (const id of [1, 2]) client.say(modern('tools/call', { id, params: { name: 'x' } }));
    await expect.poll(() => rig.tcp[0]?.isPaused(), PATIENT).toBe(true);
    for (const id of [3, 4]) client.say(modern('tools/call', { id, params: { name: 'x' } }));
    await rig.clock.pass(25_000);
    expect(rig.host.seen).toHaveLength(2);
    await rig.clock.pass(150_000);
    client.socket.resume();
    expect((await client.closed).code).toBe(1006);
    expect(rig.log.messages('warn')).toHaveLength(1);
  });

  test('hears of changes', async () => {
    await using rig = await FacesRig.start();
    const client = await SocketClient.open(rig.socketUrl);
    client.say(initialize());
    await client.message(0);
    client.say(notification('notifications/initialized'));
    rig.host.emit({ server: 's', notification: { method: 'notifications/tools/list_changed' } } as never);
    expect(await client.message(1)).toMatchObject({ method: 'notifications/tools/list_changed' });
    client.socket.terminate();
  });
});

test('when the host stops, new connections are refused, calls finish, and then the others are closed', async () => {
  const held = Promise.withResolvers<Outcome>();
  await using rig = await FacesRig.start({ dispatch: () => held.promise });
  const client = await SocketClient.open(rig.socketUrl);
  const dispatched = rig.host.nextDispatch();
  client.say(modern('tools/call', { id: 7, params: { name: 'x' } }));
  await dispatched;
  const closed = rig.endpoint.close(25_000);
  await expect(SocketClient.open(rig.socketUrl)).rejects.toThrow('status 503');
  client.say(modern('tools/call', { id: 8, params: { name: 'x' } }));
  expect(await client.message(0)).toMatchObject({ id: 8, error: { code: -32016 } });
  held.resolve(result({ done: true }, 'modern'));
  expect(await client.message(1)).toMatchObject({ id: 7, result: { done: true } });
  await closed;
  expect((await client.closed).code).toBe(1000);
});

test('a client that does not answer the closing frame holds nobody up', async () => {
  await using rig = await FacesRig.start();
  const client = await SocketClient.open(rig.socketUrl);
  client.socket.pause();
  const closed = rig.endpoint.close(0);
  await rig.clock.pass(3_000);
  await closed;
  expect(rig.tcp[0]?.destroyed).toBe(true);
  client.socket.terminate();
});

/** Sends an upgrade request by hand and reads what comes back. */
function handshake(rig: FacesRig, headers: string): Promise<string> {
  const { port } = new URL(rig.url);
  return withPatience(
    new Promise((resolve) => {
      const socket = connect(Number(port), '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.write(
        `GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`,
      );
    }),
    'an answer to the handshake',
  );
}

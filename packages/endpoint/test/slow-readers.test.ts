import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { JsonObject, Outcome } from '@hostler/kernel';
import { result } from './support/fake-host.ts';
import { HttpRig, withPatience } from './support/http-rig.ts';
import { modern, modernHeaders } from './support/messages.ts';

const call = modern('tools/call', { params: { name: 'echo' } });

/** Sends a request and then reads nothing. */
function deafClient(rig: HttpRig, message: JsonObject): Promise<Socket> {
  const body = JSON.stringify(message);
  const headers = Object.entries(modernHeaders(message)).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${headers.join('')}`;
  return new Promise((resolve) => {
    const socket = connect(rig.port, '127.0.0.1', () => {
      socket.pause();
      socket.on('error', () => {});
      socket.write(`${head}content-length: ${body.length}\r\n\r\n${body}`);
      resolve(socket);
    });
  });
}

test('a stream whose reader is too slow is ended, and its request cancelled', async () => {
  await using rig = await HttpRig.start({ dispatch: () => new Promise<Outcome>(() => {}) });
  const dispatched = rig.host.nextDispatch();
  const socket = await deafClient(rig, call);
  const exchange = await dispatched;
  const data = 'x'.repeat(64 * 1024);
  const aborted = new Promise((resolve) => exchange.signal.addEventListener('abort', resolve));
  let sent = 0;
  // What the kernel takes comes on top of the bound; it is far less than this.
  while (!exchange.signal.aborted && sent < 64 * 1024 * 1024) {
    exchange.notify({ method: 'notifications/progress', params: { data } });
    sent += data.length;
    // oxlint-disable-next-line no-await-in-loop -- the socket needs its turn
    await new Promise((resolve) => setImmediate(resolve));
  }
  await withPatience(aborted, 'the cancellation');
  expect(exchange.signal.reason).toMatchObject({ code: 'CLIENT_GONE' });
  expect(rig.log.messages('warn')).toEqual(['a reader of an event stream is too slow']);
  socket.destroy();
});

test('a stream whose reader takes nothing for long is ended, however little waits', async () => {
  await using rig = await HttpRig.start({
    limits: { streamBytes: 64 * 1024 * 1024 },
    dispatch: () => new Promise<Outcome>(() => {}),
  });
  const dispatched = rig.host.nextDispatch();
  const socket = await deafClient(rig, call);
  const exchange = await dispatched;
  const data = 'x'.repeat(1024 * 1024);
  for (let sent = 0; sent < 16; sent++) exchange.notify({ method: 'notifications/progress', params: { data } });
  const aborted = new Promise((resolve) => exchange.signal.addEventListener('abort', resolve));
  await rig.clock.pass(30_000);
  expect(exchange.signal.aborted).toBe(false);
  await rig.clock.pass(300_000);
  await withPatience(aborted, 'the cancellation');
  expect(rig.log.messages('warn')).toEqual(['a reader of an event stream takes nothing']);
  socket.destroy();
});

test('a burst that its reader takes is not cut off', async () => {
  const data = 'x'.repeat(1_000);
  await using rig = await HttpRig.start({
    dispatch: (exchange) => {
      for (let index = 0; index < 500; index++) exchange.notify({ method: 'notifications/progress', params: { data } });
      return result({ big: 'y'.repeat(2 * 1024 * 1024) }, 'modern');
    },
  });
  expect((await rig.postModern(call)).messages).toHaveLength(501);
  expect(rig.log.messages('warn')).toEqual([]);
});

test('a JSON answer that nobody takes does not hold its connection for ever', async () => {
  const size = 24 * 1024 * 1024;
  await using rig = await HttpRig.start({ dispatch: () => result({ big: 'y'.repeat(size) }, 'modern') });
  const dispatched = rig.host.nextDispatch();
  const socket = await deafClient(rig, call);
  await dispatched;
  // 30 seconds for everybody, and the rest at 64 KiB a second.
  await rig.clock.pass(120_000);
  expect(rig.log.messages('warn')).toEqual([]);
  await rig.clock.pass(400_000);
  expect(rig.log.messages('warn')).toEqual(['a reader of an answer takes nothing']);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.resume();
  await withPatience(closed, 'the end of the connection');
});

test('a large answer that is taken arrives whole', async () => {
  const big = 'y'.repeat(8 * 1024 * 1024);
  await using rig = await HttpRig.start({ dispatch: () => result({ big }, 'modern') });
  const answer = await rig.postModern(call);
  expect((answer.messages[0]!['result'] as JsonObject)['big']).toHaveLength(big.length);
});

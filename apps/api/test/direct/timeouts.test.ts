import { describe, expect, test } from 'vitest';
import { echo, isNodes, later, post, Stage, until } from './support.ts';

const WHOLE = post('{"whole":true}');
const HALVES = [
  ['a byte', WHOLE.slice(0, 1)],
  ['half a head', WHOLE.slice(0, 40)],
  ['a head without its last byte', WHOLE.slice(0, WHOLE.indexOf('\r\n\r\n') + 3)],
  ['a head', WHOLE.slice(0, WHOLE.indexOf('\r\n\r\n') + 4)],
  ['all but the last byte', WHOLE.slice(0, -1)],
] as const;

/** The times of Node's server are short; those of the direct way in pass when the test says so. */
const SHORT = { headersTimeout: 100, requestTimeout: 150, checkInterval: 50 };
const LONG = { checkInterval: 1_000, keepAliveTimeout: 5_000 };

describe.each(HALVES)('%s and nothing more', (_, half) => {
  test('is handed over after a while, and the server ends it', async () => {
    await using stage = await Stage.set({ limits: SHORT });
    const client = await stage.connect();
    await client.send(half);
    await stage.clock.pass(SHORT.checkInterval - 1);
    expect(isNodes(client.peer)).toBe(false);
    await stage.clock.pass(1);
    expect(isNodes(client.peer)).toBe(true);
    expect(await client.rest()).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(stage.calls).toEqual([]);
    await stage.finish();
  });

  test('as a later request too', async () => {
    await using stage = await Stage.set({ limits: SHORT });
    const client = await stage.connect();
    await client.ask(WHOLE);
    await stage.clock.pass(120);
    expect(isNodes(client.peer)).toBe(false);
    await client.send(half);
    await stage.clock.pass(SHORT.checkInterval * 2);
    expect(isNodes(client.peer)).toBe(true);
    expect(await client.rest()).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(stage.ways).toBe('direct');
    await stage.finish();
  });

  test('but later: Node answers', async () => {
    await using stage = await Stage.set({ limits: LONG });
    const client = await stage.connect();
    await client.ask(WHOLE);
    await client.send(half);
    await stage.clock.pass(2_000);
    expect([isNodes(client.peer), client.isEnded]).toEqual([true, false]);
    client.write(WHOLE.slice(half.length) + WHOLE);
    for (let round = 0; round < 2; round++) expect((await client.answer()).body).toContain('{"whole":true}');
    expect(stage.ways).toBe('direct node node');
    expect(stage.clock.pending).toBe(0);
    await stage.finish();
  });
});

test('a head that comes byte by byte has no more time than one that does not', async () => {
  await using stage = await Stage.set({ limits: LONG });
  const client = await stage.connect();
  await client.ask(WHOLE);
  for (let at = 0; at < 20; at++) {
    await client.send(WHOLE.slice(at, at + 1));
    await stage.clock.pass(LONG.checkInterval / 10);
  }
  expect(isNodes(client.peer)).toBe(true);
  expect((await client.ask(WHOLE.slice(20))).status).toBe(200);
  await stage.finish();
});

test('the time of a request begins with its first byte', async () => {
  await using stage = await Stage.set({ limits: LONG });
  const client = await stage.connect();
  for (let round = 0; round < 3; round++) {
    await client.ask(WHOLE);
    // Half an interval before the next look.
    await stage.clock.pass(1_500 + (round === 0 ? 0 : 500));
    await client.send(WHOLE.slice(0, -1));
    await stage.clock.pass(500);
    expect(isNodes(client.peer)).toBe(false);
    expect((await client.ask(WHOLE.slice(-1))).status).toBe(200);
  }
  expect(stage.ways).not.toContain('node');
  await stage.finish();
});

test('a head without an end is handed over before the time, and refused', async () => {
  await using stage = await Stage.set();
  const client = await stage.connect();
  const line = `X: ${'x'.repeat(995)}\r\n`;
  await client.send(`POST /mcp HTTP/1.1\r\nHost: a\r\n${line.repeat(7)}`);
  expect(isNodes(client.peer)).toBe(false);
  await client.send(line.repeat(2));
  expect(isNodes(client.peer)).toBe(true);
  client.write(line.repeat(8));
  expect(await client.rest()).toMatch(/^HTTP\/1.1 431 /);
  await stage.finish();
});

test('a connection that says nothing is handed over, and the server ends it', async () => {
  await using stage = await Stage.set({ limits: SHORT });
  const client = await stage.connect();
  await stage.clock.pass(SHORT.checkInterval - 1);
  expect(isNodes(client.peer)).toBe(false);
  await stage.clock.pass(1);
  expect(isNodes(client.peer)).toBe(true);
  expect(await client.rest()).toMatch(/^(?:HTTP\/1.1 408 |$)/);
  expect(stage.clock.pending).toBe(0);
  await stage.finish();
});

test('a connection that says nothing for a while, and then something', async () => {
  await using stage = await Stage.set({ limits: LONG });
  const client = await stage.connect();
  await stage.clock.pass(3_000);
  for (let round = 0; round < 3; round++) expect((await client.ask(WHOLE)).status).toBe(200);
  expect(stage.ways).toBe('node node node');
  await stage.finish();
});

describe('an idle connection', () => {
  test('that was of use is ended after keepAliveTimeout, and not earlier', async () => {
    await using stage = await Stage.set({ limits: LONG });
    const client = await stage.connect();
    for (let round = 0; round < 3; round++) {
      expect((await client.ask(WHOLE)).fields['keep-alive']).toBe('timeout=5');
      await until(() => stage.calls[round]!.closes === 1);
      await stage.clock.pass(LONG.keepAliveTimeout - 1);
      expect([client.peer.writable, isNodes(client.peer)]).toEqual([true, false]);
    }
    await stage.clock.pass(LONG.checkInterval);
    expect(await client.rest()).toBe('');
    expect(client.error).toBeUndefined();
    await until(() => stage.sockets.every(({ destroyed }) => destroyed));
    await stage.clock.pass(LONG.checkInterval);
    expect(stage.clock.pending).toBe(0);
    await stage.finish();
  });

  test('is none while an answer is due, however long', async () => {
    await using stage = await Stage.set({ limits: LONG, answer: later });
    const client = await stage.connect();
    await client.send(WHOLE + WHOLE.slice(0, 30));
    await stage.clock.pass(600_500);
    expect([client.isEnded, isNodes(client.peer), stage.clock.pending]).toEqual([false, false, 1]);
    echo(stage.calls[0]!);
    await client.answer();
    await until(() => stage.calls[0]!.closes === 1);
    // What waited behind it has the time that every beginning has.
    await stage.clock.pass(LONG.checkInterval - 1);
    expect([isNodes(client.peer), client.peer.writable]).toEqual([false, true]);
    await client.send(WHOLE.slice(30));
    echo(stage.calls[1]!);
    expect((await client.answer()).status).toBe(200);
    await stage.finish();
  });

  test('of Node’s is Node’s to end', async () => {
    await using stage = await Stage.set({ limits: { ...LONG, keepAliveTimeout: 100 } });
    const client = await stage.connect();
    await client.ask(WHOLE);
    await client.ask('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await client.rest()).toBe('');
    await stage.finish();
  });

  test('each one has its own time', async () => {
    await using stage = await Stage.set({ limits: LONG });
    const [first, second] = [await stage.connect(), await stage.connect()];
    await first.ask(WHOLE);
    await stage.clock.pass(900);
    await second.ask(WHOLE);
    await until(() => stage.calls.every(({ closes }) => closes === 1));
    await stage.clock.pass(4_100);
    await first.rest();
    expect(second.peer.writable).toBe(true);
    expect((await second.ask(WHOLE)).status).toBe(200);
    await stage.finish();
  });
});

test('no timer is left when nobody is connected', async () => {
  await using stage = await Stage.set({ limits: LONG });
  expect(stage.clock.pending).toBe(0);
  const clients = [await stage.connect(), await stage.connect()];
  expect(stage.clock.pending).toBe(1);
  for (const client of clients) client.socket.end();
  await until(() => stage.sockets.every(({ destroyed }) => destroyed));
  await stage.clock.pass(LONG.checkInterval);
  expect(stage.clock.pending).toBe(0);
  const again = await stage.connect();
  expect(stage.clock.pending).toBe(1);
  await again.ask(WHOLE);
  await stage.finish();
});

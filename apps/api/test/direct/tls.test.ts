import { TestAuthority } from '@hostler/test-kit/test-authority';
import type { Certified } from '@hostler/test-kit/test-authority';
import { beforeAll, describe, expect, test } from 'vitest';
import { bounded, echo, isNodes, later, post, Stage, until } from './support.ts';
import type { StageOptions } from './support.ts';

const headers = { 'strict-transport-security': 'max-age=31536000' };
const WHOLE = post('{"whole":true}');
const GET = 'GET /other HTTP/1.1\r\nHost: a\r\n\r\n';

let authority: TestAuthority;
let tls: Certified;

beforeAll(async () => {
  authority = await TestAuthority.create();
  tls = await authority.issue(['IP:127.0.0.1'], { use: 'server' });
});

const setStage = (options: StageOptions = {}): Promise<Stage> => Stage.set({ tls, headers, ...options });

describe('over TLS', () => {
  test('direct answers and others have the headers of every answer', async () => {
    await using stage = await setStage();
    const client = await stage.connect(authority.certificate);
    for (let round = 0; round < 3; round++) expect((await client.ask(WHOLE)).fields).toMatchObject(headers);
    expect(isNodes(client.peer)).toBe(false);
    expect((await client.ask(GET)).fields).toMatchObject(headers);
    expect((await client.ask(WHOLE)).fields).toMatchObject(headers);
    expect([stage.ways, isNodes(client.peer)]).toEqual(['direct direct direct node node', true]);
    await stage.finish();
  });

  test('requests in pieces, at once, and with something else behind them', async () => {
    await using stage = await setStage();
    const client = await stage.connect(authority.certificate);
    for (const byte of WHOLE) await client.send(byte);
    expect((await client.answer()).body).toContain('{"whole":true}');
    client.write(post('1') + post('2') + GET + post('x'.repeat(300_000)) + post('3'));
    for (const end of [/ 1$/, / 2$/, /^GET \/other /, / x+$/, / 3$/]) {
      expect((await client.answer()).body).toMatch(end);
    }
    expect(stage.ways).toBe('direct direct direct node node node');
    await stage.finish();
  });

  test('a POST in chunks and a WebSocket are Node’s', async () => {
    await using stage = await setStage();
    const client = await stage.connect(authority.certificate);
    await client.ask(WHOLE);
    await client.send('POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chu');
    await client.send('nked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
    expect((await client.answer()).body).toMatch(/ abc$/);
    client.write(
      'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\nfirst frame',
    );
    expect(await client.rest()).toMatch(/^HTTP\/1.1 101 [^]*\/ws first frame$/);
    await stage.finish();
  });

  test('a large answer to a slow reader', async () => {
    const size = 8 * 1_024 * 1_024;
    await using stage = await setStage({ answer: later });
    const client = await stage.connect(authority.certificate);
    client.socket.pause();
    await client.send(WHOLE);
    const { response } = stage.calls[0]!;
    let drains = 0;
    response.on('drain', () => drains++);
    response.writeHead(200);
    expect(response.write(Buffer.alloc(size, 'a'))).toBe(false);
    client.socket.resume();
    await until(() => drains === 1);
    response.end();
    expect((await client.answer()).body).toHaveLength(size);
    await stage.finish();
  });

  test.each(['end', 'destroy'] as const)('a client that leaves by %s: its call is given up', async (leave) => {
    await using stage = await setStage({ answer: later });
    const client = await stage.connect(authority.certificate);
    await client.send(WHOLE);
    client.socket[leave]();
    await until(() => stage.calls[0]!.closes === 1);
    expect(stage.calls[0]!.response.destroyed).toBe(true);
    await stage.finish();
  });

  test('what is not whole is handed over, and ended', async () => {
    const limits = { headersTimeout: 100, requestTimeout: 150, checkInterval: 50 };
    for (const half of [WHOLE.slice(0, 30), WHOLE.slice(0, -3), '']) {
      await using stage = await setStage({ limits });
      const client = await stage.connect(authority.certificate);
      await client.send(half);
      await stage.clock.pass(100);
      expect(isNodes(client.peer)).toBe(true);
      expect(await client.rest()).toMatch(half === '' ? /^(?:HTTP\/1.1 408 |$)/ : /^HTTP\/1.1 408 /);
      await stage.finish();
    }
  });

  test('an idle connection is ended in time', async () => {
    await using stage = await setStage({ limits: { checkInterval: 1_000, keepAliveTimeout: 5_000 } });
    const client = await stage.connect(authority.certificate);
    await client.ask(WHOLE);
    await until(() => stage.calls[0]!.closes === 1);
    await stage.clock.pass(4_999);
    expect(client.peer.writable).toBe(true);
    await stage.clock.pass(1_000);
    expect(await client.rest()).toBe('');
    expect(client.error).toBeUndefined();
    await stage.finish();
  });

  test('finish() waits for what is due, and begins nothing more', async () => {
    await using stage = await setStage({ answer: later });
    const [due, half, idle] = await Promise.all([1, 2, 3].map(() => stage.connect(authority.certificate)));
    await due!.send(WHOLE.repeat(2));
    await half!.send(WHOLE.slice(0, -3));
    const finished = stage.connections.finish();
    expect(await idle!.rest()).toBe('');
    echo(stage.calls[0]!);
    expect(await due!.rest()).toMatch(/\r\nconnection: close\r\n/);
    await half!.send(WHOLE.slice(-3));
    await until(() => stage.calls.length === 2);
    echo(stage.calls[1]!);
    expect(await half!.rest()).toMatch(/\r\nconnection: close\r\n/);
    await bounded(finished, 'finish()');
    expect(stage.ways).toBe('direct direct');
  });
});

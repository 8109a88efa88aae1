import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { toPlan } from '@hostler/config';
import { createRuntime } from '@hostler/runtime';
import type { Runtime } from '@hostler/runtime';
import { callModern, chaosServer, initializeRequest, sendBytes } from '@hostler/test-kit';
import { listen } from '../src/index.ts';
import type { Listening, ListenOptions } from '../src/index.ts';

const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function makeRuntime(): Promise<Runtime> {
  const { command, args } = chaosServer();
  const config = { servers: { one: { command, args: [...args] } }, log: { level: 'error' as const } };
  const plan = toPlan(config, { source: '/hostler.yaml' });
  const runtime = await createRuntime({ plan, environment: process.env, logDestination: silent });
  open.push(runtime);
  return runtime;
}

async function serve(options: Partial<ListenOptions> = {}): Promise<Listening> {
  const runtime = await makeRuntime();
  const listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false, ...options });
  open.push({ close: () => listening.close(0) });
  await runtime.start();
  return listening;
}

interface Message {
  readonly id?: unknown;
  readonly result?: { readonly tools?: readonly { readonly name: string }[]; readonly structuredContent?: unknown };
}

/** A WebSocket client that asks one thing after another; the host may say other things in between. */
async function openSocket(url: string) {
  const socket = new WebSocket(url, 'mcp');
  const answers = new Map<unknown, PromiseWithResolvers<Message>>();
  const answerTo = (id: unknown): PromiseWithResolvers<Message> => {
    const answer = answers.get(id) ?? Promise.withResolvers<Message>();
    answers.set(id, answer);
    return answer;
  };
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    answerTo(message.id).resolve(message);
  });
  await once(socket, 'open');
  return {
    socket,
    answerTo: (id: unknown): Promise<Message> => answerTo(id).promise,
    ask: async (message: object): Promise<Message> => {
      socket.send(JSON.stringify(message));
      return answerTo((message as Message).id).promise;
    },
  };
}

const listTools = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };

describe('WebSocket', () => {
  it.each([
    ['/ws', 'one__echo'],
    ['/servers/one/ws', 'echo'],
  ])('at %s offers %s', async (path, tool) => {
    const { url } = await serve();
    const { socket, ask } = await openSocket(url.replace('http', 'ws') + path);
    expect(await ask(initializeRequest(1))).toMatchObject({ id: 1 });
    expect((await ask(listTools)).result?.tools?.map(({ name }) => name)).toContain(tool);
    socket.close();
    await once(socket, 'close');
  });

  it.each([
    ['a foreign Host', 'Host: evil.example\r\n', 'HTTP/1.1 403'],
    ['a foreign Origin', 'Host: 127.0.0.1\r\nOrigin: https://evil.example\r\n', 'HTTP/1.1 403'],
    ['an opaque Origin', 'Host: 127.0.0.1\r\nOrigin: null\r\n', 'HTTP/1.1 403'],
    ['two Hosts', 'Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n', 'HTTP/1.1 400'],
    ['a local page', 'Host: 127.0.0.1\r\nOrigin: http://localhost:3000\r\n', 'HTTP/1.1 101'],
  ])('answers %s', async (_, headers, status) => {
    const { url } = await serve();
    const handshake = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    expect(await firstBytes(url, `GET /ws HTTP/1.1\r\n${headers}${UPGRADE}${handshake}\r\n`)).toContain(status);
  });

  it('is not what a server that there is not offers', async () => {
    const { url } = await serve();
    const request = `GET /servers/none/ws HTTP/1.1\r\nHost: 127.0.0.1\r\n${UPGRADE}\r\n`;
    const answer = await firstBytes(url, request);
    expect(answer).toContain('HTTP/1.1 404');
    expect(answer).toContain('ROUTE_NOT_FOUND');
  });

  it('is asked for where there is none: the request is answered as any other', async () => {
    const { url } = await serve();
    // As Java's client does with every request.
    const offer =
      'Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA\r\n';
    const body = JSON.stringify(initializeRequest(1));
    const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n${offer}Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n`;
    expect(await sendBytes(url, `${head}Content-Length: ${body.length}\r\n\r\n${body}`)).toContain('"protocolVersion"');
    const upgrade = `GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`;
    expect(await sendBytes(url, upgrade)).toContain('HTTP/1.1 200');
    expect(await sendBytes(url, 'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')).toContain('426');
  });

  it('ends with the host, after the call that is under way', async () => {
    const listening = await serve();
    const { socket, ask, answerTo } = await openSocket(`${listening.url.replace('http', 'ws')}/servers/one/ws`);
    await ask(initializeRequest(1));
    const params = { name: 'slow', arguments: { ms: 1_500 } };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params }));
    // Messages are taken in their order: with this answer the call is under way.
    expect(await ask({ jsonrpc: '2.0', id: 3, method: 'ping' })).toMatchObject({ id: 3 });
    const closed = once(socket, 'close');
    const stopped = listening.close(30_000);
    expect(await answerTo(2)).toMatchObject({ id: 2, result: { content: [{ text: 'slow' }] } });
    await Promise.all([closed, stopped]);
  });

  it('does not hold up a stop that is hurried', async () => {
    const listening = await serve();
    const socket = connect(listening.port, '127.0.0.1');
    const handshake = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    socket.write(`GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\n${UPGRADE}${handshake}\r\n`);
    await once(socket, 'data');
    const gone = once(socket, 'close');
    const started = performance.now();
    const first = listening.close(60_000);
    await listening.close(0);
    await Promise.all([first, gone]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('HTTP+SSE', () => {
  it.each([
    ['/sse', 'one__echo'],
    ['/servers/one/sse', 'echo'],
  ])('at %s offers %s', async (path, tool) => {
    const { url } = await serve();
    const request = httpRequest(url + path, { agent: false, headers: { accept: 'text/event-stream' } });
    request.end();
    const [stream] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const ADDRESS = /data: (\S*sessionId\S*)\s/;
    await expect.poll(() => text, { timeout: 15_000 }).toMatch(ADDRESS);
    const address = ADDRESS.exec(text)?.[1] ?? '';
    for (const message of [initializeRequest(1), listTools]) {
      const posted = await fetch(url + address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
      });
      expect(posted.status).toBe(202);
      await expect.poll(() => text, { timeout: 15_000 }).toContain(`"id":${message.id}`);
    }
    // What follows the id may come in a piece of its own.
    await expect.poll(() => text, { timeout: 15_000 }).toContain(`"${tool}"`);
    request.destroy();
  });

  it('refuses foreign pages', async () => {
    const { url } = await serve();
    const answer = await fetch(`${url}/sse`, {
      headers: { accept: 'text/event-stream', origin: 'https://evil.example' },
    });
    expect(answer.status).toBe(403);
  });
});

it('a slash at the end of an MCP path changes nothing', async () => {
  const { url } = await serve();
  const answer = await callModern(`${url}/mcp/`, 'tools/list');
  expect([answer.status, answer.text.includes('one__echo')]).toEqual([200, true]);
});

describe('a unix socket', () => {
  async function folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'api-'));
    open.push({ close: () => rm(path, { recursive: true }) });
    return path;
  }

  function get(socketPath: string, path: string, headers = {}): Promise<number> {
    const request = httpRequest({ socketPath, path, headers, agent: false });
    request.end();
    return once(request, 'response').then(([response]) => {
      (response as IncomingMessage).resume();
      return (response as IncomingMessage).statusCode ?? 0;
    });
  }

  it('is served to its owner alone, and is gone with the host', async () => {
    const directory = await folder();
    const socket = join(directory, 'hostler.sock');
    const listening = await serve({ socket });
    expect(listening).toMatchObject({ url: 'http://localhost', port: 0, socket });
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    expect(await get(socket, '/livez')).toBe(200);
    expect(await get(socket, '/livez', { host: 'evil.example' })).toBe(403);
    await listening.close(0);
    expect(await readdir(directory)).toEqual([]);
  });

  it('that a killed program left behind is replaced, and one that is in use is not', async () => {
    const socket = join(await folder(), 's');
    const script = `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => console.log('listening'))`;
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    open.push({ close: async () => void other.kill('SIGKILL') });
    await once(other.stdout, 'data');
    const attempt = listen(await makeRuntime(), { host: '127.0.0.1', port: 0, fallback: false, socket });
    await expect(attempt).rejects.toMatchObject({ code: 'API_SOCKET_IN_USE' });
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect((await stat(socket)).isSocket()).toBe(true);
    await serve({ socket });
    expect(await get(socket, '/livez')).toBe(200);
  });

  it('is not made where something else is', async () => {
    const path = join(await folder(), 'notes.txt');
    await writeFile(path, 'keep me');
    const attempt = listen(await makeRuntime(), { host: '127.0.0.1', port: 0, fallback: false, socket: path });
    await expect(attempt).rejects.toMatchObject({ code: 'API_SOCKET_UNUSABLE' });
    expect((await stat(path)).size).toBe(7);
  });

  it.each([
    ['/nonexistent/folder/s', 'its folder does not exist'],
    [`/tmp/${'x'.repeat(200)}`, 'too long'],
  ])('is not made at %s', async (socket, reason) => {
    const attempt = listen(await makeRuntime(), { host: '127.0.0.1', port: 0, fallback: false, socket });
    await expect(attempt).rejects.toMatchObject({
      code: 'API_SOCKET_UNUSABLE',
      details: { reason: expect.stringContaining(reason) as string },
    });
  });
});

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

/** What comes first on a connection: a head, and the body that it announces; then it is ended. */
async function firstBytes(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    const [head = '', body] = text.split('\r\n\r\n');
    if (body !== undefined && body.length >= Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)) break;
  }
  socket.destroy();
  return text;
}

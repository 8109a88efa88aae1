import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { startProcess } from '@hostler/test-kit';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UpstreamSpec } from '@hostler/kernel';
import { servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { mainOf, spec } from './upstreams.ts';

/** From the real server over HTTP+SSE to the first host, and from that one over every transport to a second. */
let everything: Awaited<ReturnType<typeof startEverything>>;
let first: Served;
let second: Served;

beforeAll(async () => {
  everything = await startEverything();
  first = await servePlan([spec('everything', { kind: 'http', url: everything.url, headers: {} })]);
  const socketUrl = first.url.replace('http', 'ws');
  const upstreams: UpstreamSpec[] = [
    spec('sse', { kind: 'http', url: `${first.url}/servers/everything/sse`, protocol: 'sse', headers: {} }),
    spec('found', { kind: 'http', url: `${first.url}/servers/everything/sse`, headers: {} }),
    spec('socket', { kind: 'websocket', url: `${socketUrl}/servers/everything/ws`, headers: {} }),
  ];
  second = await servePlan(upstreams);
});

afterAll(async () => {
  await second?.close();
  await first?.close();
  await everything?.[Symbol.asyncDispose]();
});

async function startEverything() {
  const port = await freePort();
  const started = await startProcess(process.execPath, [mainOf('server-everything'), 'sse'], {
    env: { ...process.env, PORT: String(port) },
  });
  await started.stderr.take((line) => line.includes('running on port'), 20_000);
  return Object.assign(started, { url: `http://127.0.0.1:${port}/sse` });
}

/** The server takes the number from its environment and says nothing of one that it chose. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function connect(transport: Transport): Promise<Client> {
  const client = new Client({ name: 'interop', version: '1' });
  await client.connect(transport);
  return client;
}

test('a server over HTTP+SSE is up, found out or named', () => {
  for (const { runtime } of [first, second]) {
    expect(runtime.readiness().servers.map(({ status }) => status)).not.toContain('down');
  }
});

describe.each([
  ['HTTP+SSE', (url: string) => new SSEClientTransport(new URL(`${url}/sse`))],
  ['WebSocket', (url: string) => new WebSocketClientTransport(new URL(`${url.replace('http', 'ws')}/ws`))],
  ['Streamable HTTP', (url: string) => new StreamableHTTPClientTransport(new URL(`${url}/mcp/`)) as Transport],
])('a client of the v1 SDK over %s', (_, open) => {
  test.each(['sse', 'found', 'socket'])('reaches the server behind two hosts, the second hop by %s', async (hop) => {
    const client = await connect(open(second.url));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain(`${hop}__echo`);
    const answer = await client.callTool({ name: `${hop}__echo`, arguments: { message: 'grüß dich 🦊' } });
    expect(answer).toMatchObject({ content: [{ type: 'text', text: 'Echo: grüß dich 🦊' }] });
    const image = await client.callTool({ name: `${hop}__get-tiny-image`, arguments: {} });
    expect(JSON.stringify(image)).toContain('image/png');
    await client.close();
  });

  test('hears progress in time', async () => {
    const client = await connect(open(first.url));
    const seen: number[] = [];
    await client.callTool(
      { name: 'everything__trigger-long-running-operation', arguments: { duration: 3, steps: 12 } },
      undefined,
      { onprogress: ({ progress }) => seen.push(progress) },
    );
    // The last comes with the answer, and this client forgets about progress as soon as it has read that. Between the third
    // and the answer there are two seconds: they may be late and still be in time.
    expect(seen.slice(0, 3)).toEqual([1, 2, 3]);
    await client.close();
  });
});

test('a server that is gone is tried again and comes back', async () => {
  const client = await connect(new WebSocketClientTransport(new URL(`${first.url.replace('http', 'ws')}/ws`)));
  const call = () => client.callTool({ name: 'everything__echo', arguments: { message: 'x' } });
  const port = new URL(everything.url).port;
  await everything[Symbol.asyncDispose]();
  await expect.poll(() => first.runtime.readiness().servers[0]?.status, { timeout: 10_000 }).not.toBe('up');
  await expect(call()).rejects.toMatchObject({ code: -32010 });
  everything = Object.assign(
    await startProcess(process.execPath, [mainOf('server-everything'), 'sse'], { env: { ...process.env, PORT: port } }),
    { url: everything.url },
  );
  await expect.poll(() => first.runtime.readiness().servers[0]?.status, { timeout: 30_000 }).toBe('up');
  expect(await call()).toMatchObject({ content: [{ text: 'Echo: x' }] });
  await client.close();
});

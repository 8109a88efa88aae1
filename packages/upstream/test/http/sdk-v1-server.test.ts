import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { EventStore } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { connectHttp, contextFor, DrivenClock, exchangeOf, plainClient } from './support/context.ts';

/** A server as the v1 SDK serves it: sessions, event streams, resumable. */
function buildServer(): Server {
  const server = new Server(
    { name: 'v1', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true }, logging: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: 'echo', inputSchema: { type: 'object' as const } }],
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    if (params.name === 'progress') {
      for (const progress of [1, 2]) {
        // oxlint-disable-next-line no-await-in-loop -- the order is the point
        await extra.sendNotification({
          method: 'notifications/progress',
          params: { progressToken: extra._meta?.progressToken ?? 'none', progress },
        });
      }
    }
    if (params.name === 'polling') extra.closeSSEStream?.();
    if (params.name === 'change') await server.sendToolListChanged();
    const answer =
      params.name === 'ask' || params.name === 'ask-outside'
        ? await server.elicitInput(
            { message: 'name?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } },
            params.name === 'ask' ? { relatedRequestId: extra.requestId } : undefined,
          )
        : params.arguments;
    return { content: [{ type: 'text' as const, text: JSON.stringify(answer ?? null) }] };
  });
  return server;
}

function createEventStore(): EventStore {
  const events: { id: string; stream: string; message: object }[] = [];
  return {
    storeEvent(stream, message) {
      const id = `${stream}_${events.length}`;
      events.push({ id, stream, message });
      return Promise.resolve(id);
    },
    getStreamIdForEventId: (id) => Promise.resolve(events.find((event) => event.id === id)?.stream),
    async replayEventsAfter(lastEventId, { send }) {
      const index = events.findIndex(({ id }) => id === lastEventId);
      const stream = events[index]?.stream ?? '';
      for (const event of events.slice(index + 1)) {
        // oxlint-disable-next-line no-await-in-loop -- the order is the point
        if (event.stream === stream && 'jsonrpc' in event.message) await send(event.id, event.message as never);
      }
      return stream;
    },
  };
}

async function startServer(options: { json?: boolean } = {}) {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const http = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });

  async function open(): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: options.json ?? false,
      ...(options.json === true ? {} : { eventStore: createEventStore(), retryInterval: 30 }),
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id),
    });
    await buildServer().connect(transport as never);
    return transport;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers['mcp-session-id'];
    const transport = id === undefined ? await open() : transports.get(String(id));
    if (transport !== undefined) return transport.handleRequest(request, response);
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } }));
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    transports,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const textOf = (outcome: { payload: { value(): unknown } }): unknown =>
  JSON.parse((outcome.payload.value() as { content: { text: string }[] }).content[0]?.text ?? '');

test.each([
  ['JSON', true],
  ['event streams', false],
])('a session with %s is opened, used, lost, opened again and ended', async (_, json) => {
  await using server = await startServer({ json });
  const connection = await connectHttp(contextFor({ url: server.url }));
  expect(connection).toMatchObject({ era: 'legacy', server: { info: { name: 'v1' } } });
  const call = () => connection.request(exchangeOf('tools/call', { name: 'echo', arguments: { n: 1 } }));
  expect(textOf(await call())).toEqual({ n: 1 });
  server.transports.clear();
  const list = await connection.request(exchangeOf('tools/list'));
  expect(list.payload.value()).toMatchObject({ tools: [{ name: 'echo' }] });
  expect(textOf(await call())).toEqual({ n: 1 });
  expect(server.transports.size).toBe(1);
  await connection.close();
  expect(server.transports.size).toBe(0);
});

test('progress comes in order and before the result', async () => {
  await using server = await startServer();
  const connection = await connectHttp(contextFor({ url: server.url }));
  const exchange = exchangeOf('tools/call', { name: 'progress', _meta: { progressToken: 'mine' } });
  expect((await connection.request(exchange)).kind).toBe('result');
  expect(exchange.notified.all.map(({ params }) => params)).toEqual([
    { progressToken: 'mine', progress: 1 },
    { progressToken: 'mine', progress: 2 },
  ]);
  await connection.close();
});

test('a stream that the server closes is polled for its result', async () => {
  await using server = await startServer();
  const connection = await connectHttp(contextFor({ url: server.url }));
  const outcome = await connection.request(exchangeOf('tools/call', { name: 'polling', arguments: { polled: true } }));
  expect(textOf(outcome)).toEqual({ polled: true });
  await connection.close();
});

/** The stream outside calls is waited for however late it is: what a server says before it stands is lost. */
const untilItStands = (): DrivenClock => new DrivenClock();

test.each(['ask', 'ask-outside'])('a question (%s) reaches the client of an own connection', async (name) => {
  await using server = await startServer();
  const client = { ...plainClient, capabilities: { elicitation: {} } };
  const connection = await connectHttp(contextFor({ url: server.url, client, clock: untilItStands() }));
  const exchange = exchangeOf(
    'tools/call',
    { name },
    {
      ask: () => Promise.resolve({ kind: 'result', result: { action: 'accept', content: { name: 'Ada' } } }),
    },
  );
  expect(textOf(await connection.request(exchange))).toEqual({ action: 'accept', content: { name: 'Ada' } });
  expect(exchange.asked.all).toMatchObject([{ method: 'elicitation/create' }]);
  await connection.close();
});

test('a changed list is heard on the stream outside any call', async () => {
  await using server = await startServer();
  const context = contextFor({ url: server.url, clock: untilItStands() });
  const connection = await connectHttp(context);
  await connection.request(exchangeOf('tools/call', { name: 'change' }));
  expect((await context.notifications.next()).method).toBe('notifications/tools/list_changed');
  await connection.close();
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { connectHttp, contextFor, exchangeOf, plainClient } from '../http/support/context.ts';

function buildServer(): Server {
  const server = new Server({ name: 'v1', version: '1.0.0' }, { capabilities: { tools: { listChanged: true } } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: 'echo', inputSchema: { type: 'object' as const } }],
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    if (params.name === 'change') await server.sendToolListChanged();
    if (params.name === 'progress') {
      const progressToken = extra._meta?.progressToken ?? 'none';
      await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
    }
    const answer =
      params.name === 'ask'
        ? await server.elicitInput({ message: 'name?', requestedSchema: { type: 'object', properties: {} } })
        : params.arguments;
    return { content: [{ type: 'text' as const, text: JSON.stringify(answer ?? null) }] };
  });
  return server;
}

/** As the documentation of the SDK has it: GET /sse opens, POST /messages carries. */
async function startServer(): Promise<{ url: string } & AsyncDisposable> {
  const transports = new Map<string, SSEServerTransport>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'GET' && url.pathname === '/sse') {
      const transport = new SSEServerTransport('/messages', response);
      transports.set(transport.sessionId, transport);
      return void buildServer().connect(transport);
    }
    const transport = transports.get(url.searchParams.get('sessionId') ?? '');
    if (request.method !== 'POST' || url.pathname !== '/messages') return void response.writeHead(404).end();
    if (transport === undefined) return void response.writeHead(400).end('No transport found for sessionId');
    return void transport.handlePostMessage(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.each([undefined, 'sse'] as const)('the SSE server of the v1 SDK works, transport %s', async (protocol) => {
  await using server = await startServer();
  const context = contextFor({ url: server.url, ...(protocol && { protocol }) });
  const connection = await connectHttp(context);
  expect(connection.server.info).toMatchObject({ name: 'v1' });
  const call = async (name: string, meta = {}): Promise<unknown> => {
    const exchange = exchangeOf('tools/call', { name, arguments: { a: 'é' }, ...meta });
    const { payload } = await connection.request(exchange);
    return { result: payload.value(), notified: exchange.notified.all };
  };
  expect(await call('echo')).toMatchObject({ result: { content: [{ type: 'text', text: '{"a":"é"}' }] } });
  expect(await call('progress', { _meta: { progressToken: 'mine' } })).toMatchObject({
    notified: [{ method: 'notifications/progress', params: { progressToken: 'mine', progress: 1 } }],
  });
  await call('change');
  expect(await context.notifications.next()).toMatchObject({ method: 'notifications/tools/list_changed' });
  await connection.close();
});

test('its questions reach the client that the connection belongs to', async () => {
  await using server = await startServer();
  const client = { ...plainClient, capabilities: { elicitation: {} } };
  const connection = await connectHttp(contextFor({ url: server.url, client }));
  const exchange = exchangeOf(
    'tools/call',
    { name: 'ask' },
    { client, ask: () => Promise.resolve({ kind: 'result', result: { action: 'accept', content: { name: 'x' } } }) },
  );
  const { payload } = await connection.request(exchange);
  expect(JSON.stringify(payload.value())).toContain('accept');
  expect(exchange.asked.all).toMatchObject([{ method: 'elicitation/create' }]);
  await connection.close();
});

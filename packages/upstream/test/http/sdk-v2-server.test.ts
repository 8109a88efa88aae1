import {
  McpServer,
  createMcpHandler,
  fromJsonSchema,
  inputRequired,
  inputResponse,
} from '@modelcontextprotocol/server';
import type { McpHttpHandler } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import { connectHttp, contextFor, exchangeOf, plainClient } from './support/context.ts';
import { serveFetch } from './support/web-server.ts';

function buildServer(): McpServer {
  const server = new McpServer({ name: 'v2', version: '2.0.0' }, { capabilities: { tools: { listChanged: true } } });
  const region = {
    type: 'object' as const,
    properties: { region: { type: 'string' as const, 'x-mcp-header': 'Region' } },
  };
  server.registerTool('where', { inputSchema: fromJsonSchema<{ region: string }>(region) }, (args) => ({
    content: [{ type: 'text', text: JSON.stringify(args) }],
  }));
  server.registerTool('progress', {}, async (context) => {
    const { progressToken } = context.mcpReq._meta ?? {};
    if (progressToken === undefined) return { content: [] };
    for (const progress of [1, 2]) {
      // oxlint-disable-next-line no-await-in-loop -- the order is the point
      await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
    }
    return { content: [] };
  });
  server.registerTool('ask', {}, (context) => {
    const answer = inputResponse(context.mcpReq.inputResponses, 'form');
    if (answer.kind === 'elicit') return { content: [{ type: 'text', text: answer.action }] };
    const form = { message: 'name?', requestedSchema: { type: 'object' as const, properties: {} } };
    return inputRequired({ inputRequests: { form: inputRequired.elicit(form) } });
  });
  return server;
}

async function start(legacy: 'stateless' | 'reject' = 'stateless') {
  const handler: McpHttpHandler = createMcpHandler(buildServer, { legacy });
  const server = await serveFetch((request) => handler.fetch(request));
  return Object.assign(server, { handler });
}

test('a dual-era server is spoken to in the modern era', async () => {
  await using server = await start();
  const connection = await connectHttp(contextFor({ url: server.url }));
  expect(connection).toMatchObject({ era: 'modern', server: { info: { name: 'v2' } } });
  const outcome = await connection.request(exchangeOf('tools/list'));
  expect(outcome.payload.value()).toMatchObject({ resultType: 'complete', tools: expect.any(Array) });
  await connection.close();
});

test('the same server without sessions is spoken to in the legacy era when configured', async () => {
  await using server = await start();
  const connection = await connectHttp(contextFor({ url: server.url, era: 'legacy' }));
  expect(connection).toMatchObject({ era: 'legacy', server: { info: { name: 'v2' } } });
  expect((await connection.request(exchangeOf('tools/list'))).kind).toBe('result');
  await connection.close();
});

test('mirrored arguments are sent, also before any list was seen', async () => {
  await using server = await start('reject');
  const connection = await connectHttp(contextFor({ url: server.url }));
  const outcome = await connection.request(
    exchangeOf('tools/call', { name: 'where', arguments: { region: 'eu west' } }),
  );
  expect(outcome.payload.value()).toMatchObject({ content: [{ text: '{"region":"eu west"}' }] });
  await connection.close();
});

test('progress comes in order and before the result', async () => {
  await using server = await start();
  const connection = await connectHttp(contextFor({ url: server.url }));
  const exchange = exchangeOf('tools/call', { name: 'progress', _meta: { progressToken: 7 } });
  expect((await connection.request(exchange)).kind).toBe('result');
  expect(exchange.notified.all.map(({ params }) => params)).toMatchObject([
    { progressToken: 7, progress: 1 },
    { progressToken: 7, progress: 2 },
  ]);
  await connection.close();
});

test('a question is an outcome, answered by a second request', async () => {
  await using server = await start();
  const connection = await connectHttp(contextFor({ url: server.url }));
  const client = { ...plainClient, capabilities: { elicitation: { form: {} } } };
  const asked = await connection.request(exchangeOf('tools/call', { name: 'ask' }, { client }));
  expect(asked.payload.value()).toMatchObject({ resultType: 'input_required', inputRequests: { form: {} } });
  const params = { name: 'ask', inputResponses: { form: { action: 'decline' } } };
  const done = await connection.request(exchangeOf('tools/call', params, { client }));
  expect(done.payload.value()).toMatchObject({ content: [{ text: 'decline' }] });
  await connection.close();
});

test('an unknown method is an error outcome', async () => {
  await using server = await start();
  const connection = await connectHttp(contextFor({ url: server.url }));
  const outcome = await connection.request(exchangeOf('prompts/get', { name: 'none' }));
  expect(outcome).toMatchObject({ kind: 'error', era: 'modern' });
  expect(outcome.payload.value()).toMatchObject({ code: -32601 });
  await connection.close();
});

test('a subscription hears what changes until its client leaves', async () => {
  await using server = await start();
  const connection = await connectHttp(contextFor({ url: server.url }));
  const controller = new AbortController();
  const exchange = exchangeOf(
    'subscriptions/listen',
    { notifications: { toolsListChanged: true } },
    { signal: controller.signal },
  );
  const outcome = connection.request(exchange);
  expect((await exchange.notified.next()).method).toBe('notifications/subscriptions/acknowledged');
  server.handler.notify.toolsChanged();
  expect((await exchange.notified.next()).method).toBe('notifications/tools/list_changed');
  controller.abort(new Error('left'));
  await expect(outcome).rejects.toThrow('left');
  await connection.close();
});

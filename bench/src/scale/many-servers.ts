// One process that is many servers: `node many-servers.ts <tools of each>`. Each path is a server of its own:
// `/legacy/7/mcp` speaks 2025-11-25, `/modern/7/mcp` 2026-07-28. `/change/7` gives server 7 one tool more and says so.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const tools = Array.from({ length: Number(process.argv[2] ?? 100) }, (_, index) => toolText(`tool_${index}`)).join(',');
const info = '{"name":"many","version":"1.0.0"}';
const text = JSON.stringify('x'.repeat(200));
/** How many changes each server has had. */
const changes = new Map<string, number>();
/** By server: where it says what nobody asked for. */
const streams = new Map<string, Set<(notification: string) => void>>();

interface Message {
  readonly id?: string | number;
  readonly method?: string;
}

function toolText(name: string): string {
  const description = `Does what ${name} does, and says so in a sentence of the usual length for such a tool.`;
  const properties = { path: { type: 'string', description: 'Where.' }, depth: { type: 'number' } };
  return JSON.stringify({ name, description, inputSchema: { type: 'object', properties } });
}

function resultOf(server: string, method: string | undefined, isModern: boolean): string {
  const complete = isModern ? '"resultType":"complete",' : '';
  const fresh = isModern ? '"ttlMs":60000,"cacheScope":"public",' : '';
  switch (method ?? '') {
    case 'initialize':
      return `{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}},"serverInfo":${info}}`;
    case 'server/discover':
      return `{${complete}${fresh}"supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}},"_meta":{"io.modelcontextprotocol/serverInfo":${info}}}`;
    case 'tools/list': {
      const count = changes.get(server) ?? 0;
      const added = Array.from({ length: count }, (_, index) => `,${toolText(`added_${index}`)}`).join('');
      return `{${complete}${fresh}"tools":[${tools}${added}]}`;
    }
    case 'tools/call':
      return `{${complete}"content":[{"type":"text","text":${text}}]}`;
    default:
      return `{${complete.slice(0, -1)}}`;
  }
}

function openStream(server: string, response: ServerResponse, first = ''): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'mcp-session-id': 'many' });
  response.write(`: open\n\n${first}`);
  const tell = (notification: string): void => void response.write(`data: ${notification}\n\n`);
  const own = streams.get(server) ?? new Set();
  streams.set(server, own.add(tell));
  response.once('close', () => own.delete(tell));
}

function change(server: string, response: ServerResponse): void {
  changes.set(server, (changes.get(server) ?? 0) + 1);
  const own = streams.get(server) ?? [];
  for (const tell of own) tell('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
  response.end(`${[...own].length}\n`);
}

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const [, era, server = ''] = (request.url ?? '').split('/');
  const { id, method } = JSON.parse(body) as Message;
  if (id === undefined) return void response.writeHead(202).end();
  const isModern = era === 'modern';
  const reply = (member: string): void => {
    const message = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},${member}}`;
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(message),
      ...(!isModern && { 'mcp-session-id': 'many' }),
    });
    response.end(message);
  };
  if (method === 'subscriptions/listen') {
    const meta = `"_meta":{"io.modelcontextprotocol/subscriptionId":${JSON.stringify(id)}}`;
    const params = `{"notifications":{"toolsListChanged":true},${meta}}`;
    const opened = `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":${params}}`;
    return openStream(server, response, `data: ${opened}\n\n`);
  }
  const isOther = isModern ? method === 'initialize' : method === 'server/discover';
  reply(isOther ? '"error":{"code":-32601,"message":"unknown"}' : `"result":${resultOf(server, method, isModern)}`);
}

const listener = createServer((request, response) => {
  const [, first, server = ''] = (request.url ?? '').split('/');
  if (first === 'change') return change(server, response);
  if (request.method === 'GET') return openStream(server, response);
  if (request.method !== 'POST') return void response.writeHead(200).end();
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => answer(request, response, Buffer.concat(chunks).toString()));
});
listener.keepAliveTimeout = 600_000;
listener.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}` }));
});

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface KeyedHttpServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Message {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly protocolVersion?: string };
}

/** What tells one key from another where the key itself must not be said. */
export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}

/** An MCP server over HTTP that says with which key a call came, by its digest. */
export async function startKeyedHttpServer(): Promise<KeyedHttpServer> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const { id, method, params } = JSON.parse(await text(request)) as Message;
  if (id === undefined) return void response.writeHead(202).end();
  const key = request.headers.authorization?.replace('Bearer ', '') ?? 'none';
  const results: Readonly<Record<string, object>> = {
    initialize: {
      protocolVersion: params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'keyed', version: '1.0.0' },
    },
    'tools/list': { tools: [{ name: 'which', inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: digestOf(key) }] },
  };
  const result = results[method];
  const rest = result === undefined ? { error: { code: -32601, message: 'unknown method' } } : { result };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, ...rest }));
}

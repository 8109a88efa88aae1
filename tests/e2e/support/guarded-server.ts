import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { digestOf } from './digest.ts';

/** A server over HTTP that lets in who has one of its keys, and says which one that was by its digest. */
export interface GuardedServer extends AsyncDisposable {
  readonly url: string;
  /** What `authorization` may be. */
  readonly accepted: Set<string>;
  /** Headers of every request that came. */
  readonly seen: readonly IncomingHttpHeaders[];
  /** How many requests were turned away. */
  refused(): number;
}

export async function startGuardedServer(...accepted: readonly string[]): Promise<GuardedServer> {
  const keys = new Set(accepted);
  const seen: IncomingHttpHeaders[] = [];
  let refused = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    seen.push(request.headers);
    const { authorization = 'none' } = request.headers;
    if (!keys.has(authorization)) {
      refused += 1;
      return void response.writeHead(401).end();
    }
    const server = new McpServer({ name: 'guarded', version: '1.0.0' });
    server.registerTool('which', {}, () => ({ content: [{ type: 'text', text: digestOf(authorization) }] }));
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport as never);
    await transport.handleRequest(request, response);
  }

  const listener = createServer((request, response) => void answer(request, response));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`,
    accepted: keys,
    seen,
    refused: () => refused,
    async [Symbol.asyncDispose]() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { JsonObject } from '@hostler/kernel';
import { resultOf } from './things.ts';
import type { Era } from './things.ts';

/** What came to a server: with which headers, and what was asked. */
export interface Reached {
  readonly headers: readonly string[];
  readonly url: string;
  readonly body: string;
}

/** A server on the network that remembers all that reaches it. */
export interface ThingsListener extends AsyncDisposable {
  readonly url: string;
  readonly reached: Reached[];
}

interface Asked {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: JsonObject;
}

/** The server of that name, of one era. */
export async function startListener(name: string, era: Era): Promise<ThingsListener> {
  const reached: Reached[] = [];
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', rawHeaders: headers } = request;
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const asked = (await json(request)) as Asked;
    reached.push({ headers, url, body: JSON.stringify(asked) });
    const { id, method, params = {} } = asked;
    if (id === undefined) return void response.writeHead(202).end();
    if (method === 'subscriptions/listen' && era === 'modern') return acknowledge(response, id, params);
    const isKnown = method !== (era === 'modern' ? 'initialize' : 'server/discover');
    const result = isKnown ? resultOf(name, method, params) : undefined;
    const modern = era === 'modern' && { resultType: 'complete', ttlMs: 0, cacheScope: 'public' };
    const meta = { _meta: { 'io.modelcontextprotocol/serverInfo': { name, version: '1' } } };
    const outcome =
      result === undefined
        ? { error: { code: -32_601, message: 'Unknown method' } }
        : { result: { ...result, ...modern, ...(method === 'server/discover' && meta) } };
    const status = result === undefined && era === 'modern' ? 404 : 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...outcome }));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    reached,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A stream that stays open; 2026-07-28, "Subscriptions". */
function acknowledge(response: ServerResponse, id: number | string, params: JsonObject): void {
  const message = {
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: params['notifications'], _meta: { 'io.modelcontextprotocol/subscriptionId': id } },
  };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`data: ${JSON.stringify(message)}\n\n`);
}

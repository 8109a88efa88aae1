import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { InProcessServer } from '@hostler/kernel';
import type { WireMessage } from '@hostler/test-kit';

export type Era = 'legacy' | 'modern';

export const BURST = 100;

const VERSION = 'io.modelcontextprotocol/protocolVersion';
const capabilities = { tools: {} };

/** Everything that a server of this era says to a request, at once: its one tool reports progress and answers. */
function replyTo({ id, method, params = {} }: WireMessage, era: Era): readonly WireMessage[] {
  if (id === undefined) return [];
  const meta = (params['_meta'] ?? {}) as Readonly<Record<string, unknown>>;
  const answer = (result: Readonly<Record<string, unknown>>): WireMessage => ({ jsonrpc: '2.0', id, result });
  const modern = era === 'modern' ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private' } : {};
  if ((meta[VERSION] !== undefined) !== (era === 'modern')) {
    return [{ jsonrpc: '2.0', id, error: { code: -32_601, message: 'Method not found' } }];
  }
  if (method === 'initialize') {
    return [answer({ protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'burst', version: '1' } })];
  }
  if (method === 'server/discover') return [answer({ ...modern, supportedVersions: ['2026-07-28'], capabilities })];
  if (method === 'tools/list')
    return [answer({ ...modern, tools: [{ name: 'burst', inputSchema: { type: 'object' } }] })];
  const progress = Array.from({ length: BURST }, (_, index) => ({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: meta['progressToken'], progress: index + 1 },
  }));
  return [...progress, answer({ ...modern, content: [{ type: 'text', text: 'done' }] })];
}

/** A server object of this era that answers within the call by which it is asked. */
export function createBurstingObject(era: Era): InProcessServer {
  return {
    async connect(given: never) {
      const transport = given as {
        onmessage?: (message: WireMessage) => void;
        start(): Promise<void>;
        send(message: WireMessage): Promise<void>;
      };
      transport.onmessage = (message) => {
        for (const said of replyTo(message, era)) void transport.send(said);
      };
      await transport.start();
    },
    close: () => Promise.resolve(),
  };
}

/** The same over HTTP: all that it says to a request leaves in one write. */
export async function startBurstingHttp(era: Era): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => void respond(incoming, outgoing, era));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function respond(incoming: IncomingMessage, outgoing: ServerResponse, era: Era): Promise<void> {
  if (incoming.method !== 'POST') return void outgoing.writeHead(405).end();
  const messages = replyTo((await json(incoming)) as WireMessage, era);
  if (messages.length === 0) return void outgoing.writeHead(202).end();
  const isRefused = messages[0]?.error !== undefined;
  if (isRefused) {
    return void outgoing.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(messages[0]));
  }
  const events = messages.map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`).join('');
  return void outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(events);
}

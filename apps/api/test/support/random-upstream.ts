import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { settle } from '@hostler/test-kit';
import { createRandom } from './random.ts';
import { randomContent, resultOf } from './random-results.ts';
import type { Era, Order } from './random-results.ts';

/** Of the event loop, for whoever is connected to read what was sent. */
const TURNS = 3;

export interface RandomUpstream extends AsyncDisposable {
  /** Of the server of that era. */
  readonly url: (era: Era) => string;
  /** Bytes of this answer that the operating system has taken by now. */
  readonly sent: (seed: number) => number;
}

type Sent = Map<number, number>;

interface Call {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly arguments?: Order };
}

/** Two servers, one of each era, whose tool answers with random results in pieces of random sizes. */
export async function startRandomUpstream(secret: string): Promise<RandomUpstream> {
  const sent: Sent = new Map();
  const server = createServer((request, response) => void answer(request, response, { secret, sent }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (era) => `http://127.0.0.1:${port}/${era}`,
    sent: (seed) => sent.get(seed) ?? 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Stage {
  readonly secret: string;
  readonly sent: Sent;
}

async function answer(request: IncomingMessage, response: ServerResponse, { secret, sent }: Stage): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const era: Era = request.url === '/modern' ? 'modern' : 'legacy';
  const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as Call;
  if (id === undefined) return void response.writeHead(202).end();
  const order = method === 'tools/call' ? params?.arguments : undefined;
  if (order === undefined) {
    const message = { jsonrpc: '2.0', id, ...describe(era, method) };
    response.writeHead(200, { 'content-type': 'application/json' });
    return void response.end(JSON.stringify(message));
  }
  const result = resultOf(era, randomContent(order, { secret, uri: (raw) => raw }));
  const message = Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
  await send(response, message, { order, sent });
}

function describe(era: Era, method: string): object {
  const answers = era === 'modern' ? MODERN : LEGACY;
  return answers[method] ?? { error: { code: -32601, message: 'no such method' } };
}

const serverInfo = { name: 'random', version: '1' };
const tools = [{ name: 'dump', inputSchema: { type: 'object' } }];
const complete = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
const LEGACY: Readonly<Record<string, object>> = {
  initialize: { result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo } },
  'tools/list': { result: { tools } },
};
/** It knows nothing of the other era: a legacy client gets what is said here in the words of its own. */
const MODERN: Readonly<Record<string, object>> = {
  'server/discover': {
    result: {
      ...complete,
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
    },
  },
  'tools/list': { result: { ...complete, tools } },
};

interface Sending {
  readonly order: Order;
  readonly sent: Sent;
}

/** Some say their length, others come in chunks; each piece is on its way before the next is written. */
async function send(response: ServerResponse, message: Buffer, { order, sent }: Sending): Promise<void> {
  const { seed, apart } = order;
  const random = createRandom(seed);
  const length = apart !== undefined || random.below(2) === 0 ? { 'content-length': message.length } : {};
  response.writeHead(200, { 'content-type': 'application/json', ...length });
  const largest = random.pick([6_000, 30_000, 100_000]);
  for (let at = 0; at < message.length && !response.destroyed;) {
    const end = at + (apart ?? 1 + random.below(largest));
    const piece = message.subarray(at, end);
    await new Promise<void>((resolve) => {
      response.once('close', resolve);
      response.write(piece, () => {
        response.off('close', resolve);
        resolve();
      });
    });
    at = end;
    sent.set(seed, at);
    for (let turn = 0; apart !== undefined && turn < TURNS; turn += 1) await settle();
  }
  response.end();
}

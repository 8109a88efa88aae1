import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** One request to the HTTP chaos server, parsed as far as faults need it. */
export interface FaultContext {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly query: URLSearchParams;
  /** The right answer as JSON text. */
  readonly answer: string;
}

export type Fault = (context: FaultContext) => void | Promise<void>;

const json = { 'content-type': 'application/json' };
const eventStream = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };

/** The first segment of the path names what goes wrong. */
export const faults: Readonly<Record<string, Fault>> = {
  'ok-json': ({ outgoing, answer }) => void outgoing.writeHead(200, json).end(answer),
  'ok-sse': ({ outgoing, answer }) =>
    void outgoing.writeHead(200, eventStream).end(`event: message\ndata: ${answer}\n\n`),
  redirect: ({ outgoing, query }) => {
    const status = Number(query.get('status') ?? 307);
    outgoing.writeHead(status, { location: query.get('to') ?? '/ok-json' }).end();
  },
  unauthorized: ({ outgoing, incoming }) => {
    const metadata = `http://${incoming.headers.host}/.well-known/oauth-protected-resource`;
    outgoing.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${metadata}", scope="mcp"` }).end();
  },
  status: ({ outgoing, query }) => {
    outgoing.writeHead(Number(query.get('code') ?? 503), { ...json, 'retry-after': '1' }).end('{"error":"chaos"}');
  },
  slow: async ({ outgoing, query, answer }) => {
    await delay(Number(query.get('ms') ?? 100));
    outgoing.writeHead(200, json).end(answer);
  },
  hang: () => undefined,
  'hang-body': ({ outgoing }) => outgoing.writeHead(200, eventStream).flushHeaders(),
  reset: ({ outgoing, answer }) => {
    outgoing.writeHead(200, { ...json, 'content-length': String(Buffer.byteLength(answer)) });
    outgoing.write(answer.slice(0, Math.floor(answer.length / 2)), () => outgoing.socket?.resetAndDestroy());
  },
  huge: ({ outgoing, query }) => {
    const bytes = Number(query.get('bytes') ?? 64 * 1024 * 1024);
    outgoing.writeHead(200, json);
    void writeForever(outgoing, 'h'.repeat(64 * 1024), bytes);
  },
  'wrong-content-type': ({ outgoing, answer }) =>
    void outgoing.writeHead(200, { 'content-type': 'text/html' }).end(answer),
  'not-json': ({ outgoing }) => void outgoing.writeHead(200, json).end('{"jsonrpc":"2.0",'),
  bomb: ({ outgoing, query }) => {
    const kind = query.get('kind') ?? 'gzip';
    const zeros = Buffer.alloc(Number(query.get('bytes') ?? 50 * 1024 * 1024));
    const packed = kind === 'br' ? brotliCompressSync(zeros) : gzipSync(zeros);
    outgoing.writeHead(200, { ...json, 'content-encoding': kind }).end(packed);
  },
  'endless-sse': ({ outgoing, query }) => {
    const size = Number(query.get('bytes') ?? 16 * 1024);
    const params = { level: 'info', data: 'e'.repeat(size) };
    const event = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params })}\n\n`;
    outgoing.writeHead(200, eventStream);
    void writeForever(outgoing, event, Infinity);
  },
  'endless-event': ({ outgoing }) => {
    outgoing.writeHead(200, eventStream);
    outgoing.write('data: ');
    void writeForever(outgoing, 'd'.repeat(64 * 1024), Infinity);
  },
  'sse-no-terminator': ({ outgoing, answer }) => {
    outgoing.writeHead(200, eventStream).write(`data: ${answer}`);
  },
  'sse-cut': ({ outgoing }) => void outgoing.writeHead(200, eventStream).end('id: 1\ndata: \n\n'),
};

/** Writes as fast as the reader reads, until the reader leaves or enough is written. */
async function writeForever(outgoing: ServerResponse, piece: string, bytes: number): Promise<void> {
  for (let written = 0; written < bytes && !outgoing.destroyed; written += piece.length) {
    if (outgoing.write(piece)) await delay(0);
    else await new Promise<void>((resolve) => outgoing.once('drain', resolve).once('close', resolve));
  }
  outgoing.end();
}

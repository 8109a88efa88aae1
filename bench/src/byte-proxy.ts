// The measure of all ratios: a reverse proxy that moves bytes and knows nothing of MCP: `node byte-proxy.ts <url>`.
// An answer that comes in one piece is sent in one; a longer one passes piece by piece, as fast as the client takes it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';

const target = new URL(process.argv[2] ?? '');
const pool = new Pool(target.origin, { connections: 64, pipelining: 1 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { host: _host, connection: _connection, 'transfer-encoding': _encoding, ...headers } = request.headers;
    let held: Buffer | undefined;
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    pool.dispatch(
      { path: target.pathname, method: 'POST', headers, body: body ?? null },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode, answerHeaders) {
          const { connection: _own, 'keep-alive': _keepAlive, 'transfer-encoding': _chunked, ...kept } = answerHeaders;
          response.writeHead(statusCode, kept);
        },
        onResponseData(controller, chunk) {
          const before = held;
          held = chunk;
          if (before === undefined || response.write(before)) return;
          controller.pause();
          response.once('drain', () => controller.resume());
        },
        onResponseEnd() {
          response.end(held);
        },
        onResponseError(_controller, error) {
          response.destroy(error);
        },
      },
    );
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` }));
});

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Pool } from 'undici';

/**
 * The least that a proxy does: bytes in, bytes out. An answer that comes in one piece is sent in one; a longer one passes piece by
 * piece, as fast as the client takes it.
 */
export function forwardBytes(pool: Pool, path: string, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { host: _host, connection: _connection, 'transfer-encoding': _encoding, ...headers } = request.headers;
    let held: Buffer | undefined;
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    pool.dispatch(
      { path, method: 'POST', headers, body: body ?? null },
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
}

// A bare Streamable HTTP server that answers both eras: `node echo-http.ts <result bytes>`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAnswers } from './echo-answers.ts';
import type { Message } from './echo-answers.ts';

const answer = createAnswers(Number(process.argv[2] ?? 200));

const server = createServer((request, response) => {
  if (request.method !== 'POST') {
    response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = answer(JSON.parse(Buffer.concat(chunks).toString()) as Message);
    if (body === undefined) {
      response.writeHead(202).end();
      return;
    }
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'mcp-session-id': 'bench',
    });
    response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` }));
});

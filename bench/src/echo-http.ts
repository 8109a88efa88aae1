// A bare Streamable HTTP server that answers both eras, with JSON or with a stream of one event:
// `node echo-http.ts <result bytes> [tools] [json|sse]`.
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAnswers } from './echo-answers.ts';
import type { Answer, Message } from './echo-answers.ts';

const [bytes = '200', tools = '1', form = 'json'] = process.argv.slice(2);
const answer = createAnswers({ bytes: Number(bytes), tools: Number(tools) });
/** What is longer is not copied into one piece first. */
const LONGEST_COPIED = 16_384;

function send(response: ServerResponse, made: Answer): void {
  const { text, bytes: rest } = made.rest;
  if (form === 'sse') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'mcp-session-id': 'bench' });
    const head = `event: message\ndata: ${made.head}`;
    if (rest.length <= LONGEST_COPIED) {
      response.end(`${head}${text}\n\n`);
      return;
    }
    response.write(head);
    response.write(rest);
    response.end('\n\n');
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': made.head.length + rest.length,
    'mcp-session-id': 'bench',
  });
  if (rest.length <= LONGEST_COPIED) {
    response.end(made.head + text);
    return;
  }
  response.write(made.head);
  response.end(rest);
}

const server = createServer((request, response) => {
  if (request.method !== 'POST') {
    response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const made = answer(JSON.parse(Buffer.concat(chunks).toString()) as Message);
    if (made === undefined) response.writeHead(202).end();
    else send(response, made);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` }));
});

// The least a bridge from HTTP to one stdio server can do: parse, renumber, write a line, give the answer back.
// `node stdio-bridge.ts <command> <argument> …`
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

const [command = '', ...commandArguments] = process.argv.slice(2);
const child = spawn(command, commandArguments, { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = new Map<number, { readonly id: unknown; readonly response: ServerResponse }>();
let nextId = 0;

createInterface({ input: child.stdout }).on('line', (line) => {
  const message = JSON.parse(line) as { id: number };
  const waiter = waiting.get(message.id);
  if (!waiter) return;
  waiting.delete(message.id);
  const body = JSON.stringify({ ...message, id: waiter.id });
  waiter.response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'mcp-session-id': 'bench',
  });
  waiter.response.end(body);
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const message = JSON.parse(Buffer.concat(chunks).toString()) as { id?: unknown };
    if (message.id === undefined) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      response.writeHead(202).end();
      return;
    }
    const id = nextId++;
    waiting.set(id, { id: message.id, response });
    child.stdin.write(`${JSON.stringify({ ...message, id })}\n`);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` }));
});
process.on('SIGTERM', () => {
  child.kill();
  process.exit(0);
});

// The measure of all ratios: a reverse proxy that moves bytes and knows nothing of MCP: `node byte-proxy.ts <url>`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { forwardBytes } from './byte-forwarding.ts';

const target = new URL(process.argv[2] ?? '');
const pool = new Pool(target.origin, { connections: 64, pipelining: 1 });

const server = createServer((request, response) => forwardBytes(pool, target.pathname, request, response));
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` }));
});

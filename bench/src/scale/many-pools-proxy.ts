// The byte proxy with as many servers, each with connections of its own: `node many-pools-proxy.ts <url> <servers>`. A path names
// the server, as with the servers themselves: `/legacy/7/mcp`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { forwardBytes } from '../byte-forwarding.ts';

const [url = '', servers = '1'] = process.argv.slice(2);
const pools = Array.from({ length: Number(servers) }, () => new Pool(url, { connections: 64, pipelining: 1 }));

const server = createServer((request, response) => {
  const path = request.url ?? '';
  const pool = pools[Number(path.split('/')[2])];
  if (pool === undefined) response.writeHead(404).end();
  else forwardBytes(pool, path, request, response);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});

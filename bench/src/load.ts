// The client: `node load.ts <url> <legacy|modern>`. Each line `<in flight> <seconds>` on its standard input is one run;
// it prints what came of it as one JSON line. Any call that fails, or came to the server in another era, ends it.
import { createInterface } from 'node:readline';
import { Pool } from 'undici';

export interface Run {
  readonly calls: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

const [url = '', era = 'legacy'] = process.argv.slice(2);
const isModern = era === 'modern';
const target = new URL(url);
const pool = new Pool(target.origin, { connections: 64, pipelining: 1 });
const headers: Record<string, string> = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};
let id = 0;

async function post(method: string, params: object, notification = false): Promise<string> {
  const message = notification ? { jsonrpc: '2.0', method, params } : { jsonrpc: '2.0', id: ++id, method, params };
  const mirrored = isModern ? { 'mcp-method': method, 'mcp-name': 'echo' } : {};
  const response = await pool.request({
    path: target.pathname,
    method: 'POST',
    headers: { ...headers, ...mirrored },
    body: JSON.stringify(message),
  });
  const session = response.headers['mcp-session-id'];
  if (typeof session === 'string' && !isModern) headers['mcp-session-id'] = session;
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${method}: HTTP ${response.statusCode} ${text.slice(0, 300)}`);
  return text;
}

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

async function connect(): Promise<void> {
  if (!isModern) {
    const clientInfo = meta['io.modelcontextprotocol/clientInfo'];
    await post('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    headers['mcp-protocol-version'] = '2025-11-25';
    await post('notifications/initialized', {}, true);
  } else headers['mcp-protocol-version'] = meta['io.modelcontextprotocol/protocolVersion'];
}

async function run(inFlight: number, seconds: number): Promise<Run> {
  const call = { name: 'echo', arguments: { message: 'hello' }, ...(isModern ? { _meta: meta } : {}) };
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const before = performance.now();
      const text = await post('tools/call', call);
      latencies.push(performance.now() - before);
      if (!text.includes(`"text":"${era} `)) throw new Error(`not the ${era} echo: ${text.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
  return { calls: latencies.length, seconds: (performance.now() - start) / 1000, p50: at(0.5), p99: at(0.99) };
}

await connect();
for await (const line of createInterface({ input: process.stdin })) {
  const [inFlight, seconds] = line.split(' ').map(Number);
  console.log(JSON.stringify(await run(inFlight ?? 1, seconds ?? 1)));
}

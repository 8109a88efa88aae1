// The client: `node load.ts <url> <legacy|modern> <in flight> <seconds> <tool>`; prints one JSON line.
import { Pool } from 'undici';

const [url = '', era = 'legacy', inFlightText = '1', secondsText = '1', tool = 'echo'] = process.argv.slice(2);
const inFlight = Number(inFlightText);
const target = new URL(url);
const pool = new Pool(target.origin, { connections: inFlight, pipelining: 1 });
const headers: Record<string, string> = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};
let id = 0;

async function post(method: string, params: object, notification = false): Promise<string> {
  const message = notification ? { jsonrpc: '2.0', method, params } : { jsonrpc: '2.0', id: ++id, method, params };
  const mirrored =
    era === 'modern' ? { 'mcp-method': method, ...(method === 'tools/call' ? { 'mcp-name': tool } : {}) } : {};
  const response = await pool.request({
    path: target.pathname,
    method: 'POST',
    headers: { ...headers, ...mirrored },
    body: JSON.stringify(message),
  });
  const session = response.headers['mcp-session-id'];
  if (typeof session === 'string' && era === 'legacy') headers['mcp-session-id'] = session;
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${method}: HTTP ${response.statusCode} ${text.slice(0, 300)}`);
  return text;
}

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const call = { name: tool, arguments: { message: 'hello' }, ...(era === 'modern' ? { _meta: meta } : {}) };

if (era === 'legacy') {
  await post('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: meta['io.modelcontextprotocol/clientInfo'],
  });
  headers['mcp-protocol-version'] = '2025-11-25';
  await post('notifications/initialized', {}, true);
} else headers['mcp-protocol-version'] = '2026-07-28';

async function run(seconds: number): Promise<{ calls: number; seconds: number; latencies: number[] }> {
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const before = performance.now();
      const text = await post('tools/call', call);
      latencies.push(performance.now() - before);
      if (!text.includes('"result"')) throw new Error(`the call failed: ${text.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { calls: latencies.length, seconds: (performance.now() - start) / 1000, latencies };
}

await run(0.5);
// The parent reads the target's CPU time at this line and again when the result comes.
console.log('ready');
const { calls, seconds, latencies } = await run(Number(secondsText));
latencies.sort((a, b) => a - b);
const at = (share: number): number =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
console.log(JSON.stringify({ calls, seconds, p50: at(0.5), p99: at(0.99) }));
await pool.destroy();

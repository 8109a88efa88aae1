// The client: `node load.ts <url> <legacy|modern> [tool] [key]`. Each line `<in flight> <seconds> [result bytes]` on its
// standard input is one run; it prints what came of it as one JSON line. Any call that fails, whose answer is too short or
// another one's, or that came to the server in another era, ends it.
import { createInterface } from 'node:readline';
import { Pool } from 'undici';

export interface Run {
  readonly calls: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU time of this client in the run: where it comes near the whole time, it is what limits the throughput. */
  readonly clientCpuSeconds: number;
}

const [url = '', era = 'legacy', tool = 'echo', key] = process.argv.slice(2);
const isModern = era === 'modern';
const target = new URL(url);
const pool = new Pool(target.origin, { connections: 256, pipelining: 1 });
const headers: Record<string, string> = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  ...(key !== undefined && { authorization: `Bearer ${key}` }),
};
let nextId = 0;

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

async function post(message: object): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  const response = await pool.request({ path: target.pathname, method: 'POST', headers, body });
  const session = response.headers['mcp-session-id'];
  if (typeof session === 'string') headers['mcp-session-id'] = session;
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`HTTP ${response.statusCode} ${text.slice(0, 300)}`);
}

async function connect(): Promise<void> {
  if (isModern) {
    headers['mcp-protocol-version'] = meta['io.modelcontextprotocol/protocolVersion'];
    headers['mcp-method'] = 'tools/call';
    headers['mcp-name'] = tool;
    return;
  }
  const clientInfo = meta['io.modelcontextprotocol/clientInfo'];
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  await post({ id: nextId++, method: 'initialize', params });
  headers['mcp-protocol-version'] = '2025-11-25';
  await post({ method: 'notifications/initialized', params: {} });
}

/** So much of the beginning and of the end of an answer is looked at. */
const LOOKED_AT = 1024;

/** By `dispatch`, which takes a third less of this core than `request`: the servers behind share it. */
function call(id: number, params: string, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let length = 0;
    let head = '';
    let last: Buffer | undefined;
    const body = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;
    const options = { path: target.pathname, method: 'POST', headers, body } as const;
    pool.dispatch(options, {
      onRequestStart() {},
      onResponseStart(_controller, statusCode) {
        status = statusCode;
      },
      onResponseData(_controller, chunk) {
        if (head.length < LOOKED_AT) head += chunk.toString('latin1', 0, LOOKED_AT);
        length += chunk.length;
        last = chunk;
      },
      onResponseEnd() {
        const tail = last === undefined || length <= LOOKED_AT ? '' : last.subarray(-LOOKED_AT).toString('latin1');
        const isAnswer = head.includes(`"text":"${era} `) && `${head}${tail}`.includes(`"id":${id}`);
        if (status === 200 && isAnswer && length > bytes) resolve();
        else reject(new Error(`not the ${era} echo: HTTP ${status}, ${length} bytes, ${head.slice(0, 300)}`));
      },
      onResponseError(_controller, error) {
        reject(error);
      },
    });
  });
}

async function run(inFlight: number, seconds: number, bytes: number | undefined): Promise<Run> {
  const toolArguments = { message: 'hello', ...(bytes !== undefined && { bytes }) };
  const params = JSON.stringify({ name: tool, arguments: toolArguments, ...(isModern && { _meta: meta }) });
  const latencies: number[] = [];
  const usage = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const before = performance.now();
      await call(nextId++, params, bytes ?? 0);
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const used = process.cpuUsage(usage);
  const elapsed = (performance.now() - start) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
  const clientCpuSeconds = (used.user + used.system) / 1e6;
  return { calls: latencies.length, seconds: elapsed, p50: at(0.5), p99: at(0.99), clientCpuSeconds };
}

await connect();
for await (const line of createInterface({ input: process.stdin })) {
  const [inFlight = 1, seconds = 1, bytes] = line.split(' ').map(Number);
  console.log(JSON.stringify(await run(inFlight, seconds, bytes)));
}

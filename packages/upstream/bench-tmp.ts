import { Pool } from 'undici';
import { spawn } from 'node:child_process';
import { connectHttp } from './src/http/connect-http.ts';
import { contextFor, exchangeOf } from './test/http/support/context.ts';
const delay = process.argv[2] ?? '0', par = Number(process.argv[3] ?? 32);
const child = spawn('taskset', ['-c','1',process.execPath, '/tmp/http-bench/server.mjs', delay]);
const port = Number(String(await new Promise((r) => child.stdout.once('data', r))));
async function run(name: string, call: () => Promise<unknown>) {
  const N = Number(delay) ? 5000 : 40000;
  let left = N; const lat: number[] = [];
  const worker = async () => { while (left-- > 0) { const t = performance.now(); await call(); lat.push(performance.now() - t); } };
  const c0 = process.cpuUsage(); const t0 = performance.now();
  await Promise.all(Array.from({ length: par }, worker));
  const c = process.cpuUsage(c0); lat.sort((a, b) => a - b);
  console.log(name.padEnd(10), ((c.user + c.system) / N).toFixed(1), 'us/call', (N / (performance.now() - t0) * 1000).toFixed(0), '/s p50', lat[N >> 1]!.toFixed(2), 'p99', lat[Math.floor(N * .99)]!.toFixed(2));
}
const base = `http://127.0.0.1:${port}`;
const pool = new Pool(base, { connections: 64 });
let id = 0; const signal = new AbortController().signal;
const raw = async () => { const r = await pool.request({ method: 'POST', path: '/legacy', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }, body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method: 'tools/call', params: { name: 'echo', arguments: { text: 'x'.repeat(80) } } }) }); return Buffer.from(await r.body.arrayBuffer()); };
const conns = await Promise.all(['/legacy', '/modern', '/sse'].map((p) => connectHttp(contextFor({ url: base + p }))));
const params = { name: 'echo', arguments: { text: 'x'.repeat(80) } };
const plain = { ...exchangeOf('tools/call', params), notify() {}, signal };
for (let round = 0; round < 3; round++) {
  await run('undici', raw);
  await run('legacy', () => conns[0]!.request(plain));
  await run('modern', () => conns[1]!.request(plain));
  await run('sse', () => conns[2]!.request(plain));
}
child.kill(); process.exit(0);

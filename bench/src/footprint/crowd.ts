// Clients that do nothing: `node crowd.ts <url> <key>`. Each line `sessions <count>` or `streams <count>` on its standard input
// makes so many more legacy sessions, or opens the stream (GET) of so many sessions that have none; it answers with a line.
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';

const [url = '', key = ''] = process.argv.slice(2);
const AT_ONCE = 16;
/** One for all requests: it is sessions that are counted, not connections. */
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const without: string[] = [];
const streams: IncomingMessage[] = [];

function send(method: 'GET' | 'POST', session: string | undefined, message?: object): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      ...(message !== undefined && { 'content-type': 'application/json' }),
      ...(session !== undefined && { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
    };
    const sent = request(url, { method, headers, agent: method === 'GET' ? false : agent }, resolve);
    sent.on('error', reject);
    sent.end(message === undefined ? undefined : JSON.stringify({ jsonrpc: '2.0', ...message }));
  });
}

async function post(session: string | undefined, message: object): Promise<IncomingMessage> {
  const response = await send('POST', session, message);
  const text = (await response.toArray()).join('');
  if ((response.statusCode ?? 500) >= 300) throw new Error(`HTTP ${response.statusCode}: ${text}`);
  return response;
}

async function openSession(): Promise<void> {
  const clientInfo = { name: 'crowd', version: '1.0.0' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const id = (await post(undefined, { id: 0, method: 'initialize', params })).headers['mcp-session-id'];
  if (typeof id !== 'string') throw new Error('the host gave no session');
  await post(id, { method: 'notifications/initialized' });
  without.push(id);
}

async function openStream(): Promise<void> {
  const response = await send('GET', without.pop());
  if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`);
  response.resume();
  streams.push(response);
}

async function repeat(count: number, work: () => Promise<void>): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

for await (const line of createInterface({ input: process.stdin })) {
  const [what, count] = line.split(' ');
  await repeat(Number(count), what === 'streams' ? openStream : openSession);
  console.log('done');
}
for (const stream of streams) stream.destroy();
agent.destroy();

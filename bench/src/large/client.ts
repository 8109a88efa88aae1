// Many calls of large results at once: `node client.ts <url> <tool> <key> <calls> <slow ones> <bytes>`. Slow ones read nothing
// for a while, and then a piece now and then. Writes one line when all answers are there and right.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { wordsOf } from '../echo-answers.ts';

const [url = '', tool = '', key = '', calls = '1', slow = '0', bytes = '10000000'] = process.argv.slice(2);
/** Of every answer. */
const END = `${wordsOf(Number(bytes)).slice(-6)}"}]}}`;
const agent = new Agent({ keepAlive: true });
/** Milliseconds before a slow reader begins, and between two of its pieces. */
const ASLEEP = 3_000;
const PAUSE = 10;

async function send(message: object, session?: string): Promise<IncomingMessage> {
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    authorization: `Bearer ${key}`,
    ...(session !== undefined && { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
  };
  const outgoing = request(url, { method: 'POST', headers, agent });
  outgoing.end(JSON.stringify({ jsonrpc: '2.0', ...message }));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}

async function openSession(): Promise<string> {
  const clientInfo = { name: 'bench', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const opening = await send({ id: 0, method: 'initialize', params });
  opening.resume();
  const session = String(opening.headers['mcp-session-id']);
  (await send({ method: 'notifications/initialized' }, session)).resume();
  return session;
}

/** @throws when the answer is not all there */
async function call(session: string, id: number, isSlow: boolean): Promise<void> {
  const params = { name: tool, arguments: { bytes: Number(bytes) } };
  const response = await send({ id, method: 'tools/call', params }, session);
  if (isSlow) await setTimeout(ASLEEP);
  let size = 0;
  let end = '';
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    end = (end + (chunk as Buffer).subarray(-12).toString('latin1')).slice(-12);
    if (isSlow) await setTimeout(PAUSE);
  }
  if (response.statusCode !== 200 || size < Number(bytes) || !end.trimEnd().endsWith(END)) {
    throw new Error(`call ${id}: HTTP ${response.statusCode}, ${size} bytes, ends in ${end}`);
  }
}

const session = await openSession();
await call(session, 1, false);
console.log(JSON.stringify({ ready: true }));
for await (const _ of process.stdin) {
  const begun = performance.now();
  const all = Array.from({ length: Number(calls) }, (_value, index) => call(session, index + 2, index < Number(slow)));
  await Promise.all(all);
  console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1_000 }));
}

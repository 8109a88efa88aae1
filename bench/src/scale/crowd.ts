// The clients: `node crowd.ts <url of /mcp> <population as JSON>`. Each line of its standard input is an order. `SERVER` in the URL
// stands for the number of the server that is called: a byte proxy knows nothing else.
import { createInterface } from 'node:readline';
import { Pool } from 'undici';
import { timesOf } from './crowd-order.ts';
import type { Called, Order, Walked } from './crowd-order.ts';
import { consumerName, EVERYTHING, keyOf, serversOf, toolName } from './population.ts';
import type { Population } from './population.ts';

const target = new URL(process.argv[2] ?? '');
const population = JSON.parse(process.argv[3] ?? '{}') as Population;
const isModern = population.era === 'modern';
const pool = new Pool(target.origin, { connections: 64, pipelining: 1 });

interface Client {
  readonly headers: Readonly<Record<string, string>>;
  /** The tools that it calls, one of each server that it sees. */
  readonly tools: readonly Tool[];
}

interface Tool {
  readonly name: string;
  readonly path: string;
}

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'crowd', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const clients: Client[] = [];
let id = 0;

function pathOf(server: number): string {
  return target.pathname.replace('SERVER', `${server}`);
}

const ANY = pathOf(0);

async function post(headers: Client['headers'], method: string, params: Record<string, unknown>, path = ANY) {
  const sent = isModern ? { ...params, _meta: meta } : params;
  const isNotice = method.startsWith('notifications/');
  const named = typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {};
  const answer = await pool.request({
    path,
    method: 'POST',
    headers: { ...headers, ...(isModern && { 'mcp-method': method, ...named }) },
    body: JSON.stringify({ jsonrpc: '2.0', ...(!isNotice && { id: ++id }), method, params: sent }),
  });
  const text = await answer.body.text();
  const isWrong = answer.statusCode >= 300 || text.includes('"error":{') || text.includes('"isError":true');
  if (isWrong) throw new Error(`${method}: HTTP ${answer.statusCode} ${text.slice(0, 300)}`);
  return { text, session: answer.headers['mcp-session-id'] };
}

async function connect(consumer: string, tools: readonly Tool[]): Promise<Client> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${keyOf(consumer)}`,
    'mcp-protocol-version': isModern ? '2026-07-28' : '2025-11-25',
  };
  if (isModern) return { headers, tools };
  const clientInfo = { name: 'crowd', version: '1.0.0' };
  const { session } = await post(headers, 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo,
  });
  const own = { ...headers, 'mcp-session-id': String(session) };
  await post(own, 'notifications/initialized', {});
  return { headers: own, tools };
}

function connectAs(index: number): Promise<Client> {
  const tools = serversOf(population, index).map((server) => ({ name: toolName(server), path: pathOf(server) }));
  return connect(consumerName(index), tools);
}

async function open(sessions: number): Promise<{ readonly sessions: number }> {
  let next = clients.length;
  const work = async (): Promise<void> => {
    while (next < sessions) {
      const index = next++;
      clients[index] = await connectAs(index % population.consumers);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  return { sessions: clients.length };
}

async function end(): Promise<object> {
  const ended = clients.splice(0);
  const work = async (): Promise<void> => {
    for (let client = ended.pop(); client; client = ended.pop()) {
      const { body } = await pool.request({ path: ANY, method: 'DELETE', headers: client.headers });
      await body.dump();
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  return {};
}

/** Servers have 100 tools each, which follow one another. */
const STRIDE = 101;

async function call({ sessions, inFlight, seconds }: Extract<Order, { do: 'call' }>): Promise<Called> {
  const start = performance.now();
  const latencies: number[] = [];
  let turn = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - start < seconds * 1000) {
      const client = turn % sessions;
      const { headers, tools } = clients[client] as Client;
      // Each call of a client to another server than the one before, and not in the same order for each.
      const { name, path } = tools[(Math.floor(turn / sessions) * STRIDE + client) % tools.length] as Tool;
      turn++;
      const before = performance.now();
      await post(headers, 'tools/call', { name, arguments: { path: '/tmp', depth: 3 } }, path);
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return { calls: latencies.length, seconds: (performance.now() - start) / 1000, times: timesOf(latencies) };
}

async function walk(times: number): Promise<Walked> {
  const { headers } = await connect(EVERYTHING, []);
  const [pages, walks]: [number[], number[]] = [[], []];
  let [tools, bytes] = [0, 0];
  for (let time = 0; time < times; time++) {
    const start = performance.now();
    [tools, bytes] = [0, 0];
    for (let cursor: string | undefined | null = null; cursor !== undefined;) {
      const before = performance.now();
      const { text } = await post(headers, 'tools/list', cursor === null ? {} : { cursor });
      pages.push(performance.now() - before);
      cursor = /"nextCursor":"([^"]*)"/.exec(text)?.[1];
      bytes += text.length;
      tools += text.split('"inputSchema"').length - 1;
    }
    walks.push(performance.now() - start);
  }
  return { pages: pages.length / times, tools, bytes, page: timesOf(pages), walk: timesOf(walks) };
}

async function views(consumers: number): Promise<Called> {
  const start = performance.now();
  const latencies: number[] = [];
  for (let index = 0; index < consumers; index++) {
    const { headers } = isModern ? await connectAs(index) : (clients[index] as Client);
    const before = performance.now();
    await post(headers, 'tools/list', {});
    latencies.push(performance.now() - before);
  }
  return { calls: consumers, seconds: (performance.now() - start) / 1000, times: timesOf(latencies) };
}

function obey(order: Order): Promise<object> {
  switch (order.do) {
    case 'open':
      return open(order.sessions);
    case 'end':
      return end();
    case 'call':
      return call(order);
    case 'walk':
      return walk(order.times);
    case 'views':
      return views(order.consumers);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await obey(JSON.parse(line) as Order)));
}

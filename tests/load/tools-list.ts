import type { Client, Consumer, Exchange, UpstreamSpec } from '@hostler/kernel';
import { openLegacySession } from '@hostler/test-kit';
import { Server } from '@modelcontextprotocol/server';
import { servePlan } from '../serve.ts';

export interface ToolsListOptions {
  readonly servers: number;
  readonly tools: number;
  readonly rounds: number;
}

/** Milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
}

export interface ToolsListFigures {
  /** Bytes of one page. */
  readonly bytes: number;
  /** Within the host: from the request to the bytes of its answer. */
  readonly host: Times;
  /** Over HTTP on this machine: from the request to the last byte, one after the other. */
  readonly http: Times;
}

/** How long the first page of all tools takes when every server has been read. */
export async function measureToolsList({ servers, tools, rounds }: ToolsListOptions): Promise<ToolsListFigures> {
  const specs = Array.from({ length: servers }, (_, index) => spec(`server-${index + 1}`, tools));
  const served = await servePlan(specs, { config: 'servers: {}\nlog: { level: warn }\n' });
  try {
    const { host, anonymous } = served.runtime;
    const exchange = listing(anonymous);
    const ask = async (): Promise<number> => (await host.dispatch(exchange)).payload.bytes().length;
    const session = await openLegacySession(`${served.url}/mcp`);
    const request = async (): Promise<void> => void (await session.call('tools/list'));
    const bytes = await ask();
    await request();
    return { bytes, host: await timesOf(ask, rounds), http: await timesOf(request, rounds) };
  } finally {
    await served.close();
  }
}

function listing(consumer: Consumer): Exchange {
  const client: Client = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} };
  return {
    id: 'tools-list',
    request: { method: 'tools/list', params: {} },
    scope: { kind: 'all' },
    consumer,
    client,
    signal: new AbortController().signal,
    notify() {},
    ask: () => Promise.reject(new Error('nobody is asked')),
  };
}

async function timesOf(work: () => Promise<unknown>, rounds: number): Promise<Times> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  const at = (share: number): number => Math.round((times[Math.floor(times.length * share)] ?? 0) * 1_000) / 1_000;
  return { p50: at(0.5), p99: at(0.99) };
}

function spec(name: string, count: number): UpstreamSpec {
  const tools = Array.from({ length: count }, (_, index) => ({
    name: `tool_${index + 1}`,
    description: `Does what tool ${index + 1} of ${name} does, and says so in a sentence of the usual length.`,
    inputSchema: { type: 'object' as const, properties: { path: { type: 'string' }, depth: { type: 'number' } } },
  }));
  const create = () => {
    const server = new Server({ name, version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => ({ tools }));
    return server;
  };
  return {
    name,
    transport: { kind: 'in-process', create: create as never },
    era: 'auto',
    interactive: true,
    required: false,
    startTimeout: 30_000,
    callTimeout: 30_000,
  };
}

// The client of one gateway: `node peer-load.ts <endpoint as JSON>`. Each line on its standard input is a command, which
// is answered with one line of JSON:
//   ready <tools> <seconds>      tries until the gateway lists that many tools, the echo among them
//   calls <in flight> <seconds>  calls the echo
//   list <in flight> <seconds>   lists the tools
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { echoAmong } from './peer-session.ts';
import type { PeerEndpoint, PeerSession } from './peer-session.ts';
import { openSse } from './sse-session.ts';
import { openStreamable } from './streamable-session.ts';

export interface Ready {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tool: string;
  readonly tools: number;
}

export interface PeerRun {
  readonly calls: number;
  readonly seconds: number;
  readonly p50: number;
  /** CPU time of this client. */
  readonly clientMicroseconds: number;
}

interface Listed {
  readonly tools: readonly { readonly name: string }[];
  readonly nextCursor?: string;
}

const TRY_AGAIN_MS = 10;
const ONE_TRY_MS = 10_000;

async function openSession(endpoint: PeerEndpoint): Promise<PeerSession> {
  return endpoint.transport === 'sse' ? openSse(endpoint) : openStreamable(endpoint);
}

async function namesFrom(session: PeerSession): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = (await session.request('tools/list', cursor === undefined ? {} : { cursor })) as Listed;
    names.push(...page.tools.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return names;
}

async function untilReady(endpoint: PeerEndpoint, tools: number, seconds: number): Promise<[PeerSession, Ready]> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    let session: PeerSession | undefined;
    try {
      const opened = await within(ONE_TRY_MS, openSession(endpoint));
      session = opened;
      const names = await within(ONE_TRY_MS, namesFrom(opened));
      const tool = echoAmong(names);
      if (tool === undefined || names.length < tools) throw new Error(`it lists ${names.length} tools`);
      return [opened, { at: performance.timeOrigin + performance.now(), tool, tools: names.length }];
    } catch (error) {
      session?.close();
      if (performance.now() > end) throw error;
      await delay(TRY_AGAIN_MS);
    }
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = delay(milliseconds, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no answer within ${milliseconds / 1000} s`);
  });
  try {
    return await Promise.race([work, timer]);
  } finally {
    late.abort();
    timer.catch(() => {});
  }
}

interface Load {
  readonly inFlight: number;
  readonly seconds: number;
  readonly call: () => Promise<void>;
}

async function run({ inFlight, seconds, call }: Load): Promise<PeerRun> {
  const latencies: number[] = [];
  const usage = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const before = performance.now();
      await call();
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const { user, system } = process.cpuUsage(usage);
  latencies.sort((a, b) => a - b);
  return {
    calls: latencies.length,
    seconds: (performance.now() - start) / 1000,
    p50: latencies[Math.floor((latencies.length - 1) / 2)] ?? Number.NaN,
    clientMicroseconds: user + system,
  };
}

function expecting(session: PeerSession, method: string, params: object, expected: string): () => Promise<void> {
  const paramsText = JSON.stringify(params);
  return async () => {
    const answer = await session.answer(method, paramsText);
    if (!answer.includes(expected)) throw new Error(`not the expected answer: ${answer.toString().slice(0, 300)}`);
  };
}

const endpoint = JSON.parse(process.argv[2] ?? '') as PeerEndpoint;
let open: readonly [PeerSession, Ready] | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...rest] = line.split(' ');
  const [first = 1, seconds = 1] = rest.map(Number);
  if (command === 'ready') {
    open = await untilReady(endpoint, first, seconds);
    console.log(JSON.stringify(open[1]));
    continue;
  }
  if (open === undefined) throw new Error('not ready');
  const [session, { tool }] = open;
  const call =
    command === 'list'
      ? expecting(session, 'tools/list', {}, `"${tool}"`)
      : expecting(session, 'tools/call', { name: tool, arguments: { message: 'hello' } }, '"text":"legacy ');
  console.log(JSON.stringify(await run({ inFlight: first, seconds, call })));
}
// Sockets that are still open would keep it.
process.exit(0);

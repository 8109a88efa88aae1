import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createKey } from '@hostler/auth';
import type { Run } from '../load.ts';
import { startNode } from '../processes.ts';
import type { RunningProcess } from '../processes.ts';
import { HOST_CORE, startHost } from './host-process.ts';
import type { HostProcess } from './host-process.ts';
import { openInspector } from './inspector.ts';
import type { Inspector } from './inspector.ts';
import { residentMiB } from './memory.ts';
import type { Program } from './program.ts';

const LOAD_CORE = cpus().length > 1 ? 1 : HOST_CORE;
/** After the last request, for what is done behind it. */
const SETTLE_MS = 2_000;

/** A folder for what one measurement writes, for as long as `use` needs it. */
async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-footprint-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, maxRetries: 3 });
  }
}

export interface Rig {
  readonly host: HostProcess;
  /** Starts a program on the core of the load; it ends with the rest. */
  readonly start: (nodeArguments: readonly string[]) => RunningProcess;
}

interface RigOptions {
  readonly program: Program;
  /** Configured before the host starts. */
  readonly servers?: (start: Rig['start']) => Promise<object>;
  /** Hash of the key of whoever holds sessions and streams; absent: nobody shows one. */
  readonly crowdKey?: string;
  readonly inspected?: boolean;
}

function consumerOf(hash: string): object {
  return { keys: [{ hash }], servers: [], limits: { sessions: 10_000, streams: 1_024 } };
}

export async function withHost<T>(
  { program, servers, crowdKey, inspected }: RigOptions,
  use: (rig: Rig) => Promise<T>,
): Promise<T> {
  return await inFolder(async (folder) => {
    const running: { stop(): Promise<void> }[] = [];
    const start = (nodeArguments: readonly string[]): RunningProcess => {
      const started = startNode(nodeArguments, LOAD_CORE);
      running.push(started);
      return started;
    };
    try {
      const configuration = join(folder, 'hostler.json');
      const consumers = crowdKey === undefined ? {} : { consumers: { crowd: consumerOf(crowdKey) } };
      writeFileSync(configuration, JSON.stringify({ servers: (await servers?.(start)) ?? {}, ...consumers }));
      const host = await startHost({
        program,
        configuration,
        state: folder,
        ...(inspected !== undefined && { inspected }),
      });
      running.push(host);
      return await use({ host, start });
    } finally {
      for (const each of running.toReversed()) await each.stop();
    }
  });
}

export interface StartFigures {
  readonly readyMs: number;
  readonly readyCpuMs: number;
  readonly idleMiB: number;
}

/** A host without servers, from nothing to idle. */
export function measureStart(program: Program): Promise<StartFigures> {
  return withHost({ program }, async ({ host: { pid, readyMs, readyCpuMs } }) => {
    await setTimeout(SETTLE_MS);
    return { readyMs, readyCpuMs, idleMiB: residentMiB(pid) };
  });
}

/** MiB more with so many, from none; each count of the list in turn. */
export type Growth = readonly { readonly count: number; readonly added: number }[];

type Kind = 'sessions' | 'streams';

/** Memory as the operating system sees it. Streams have a session each, which is there before. */
export function measureResident(program: Program, kind: Kind, counts: readonly number[]): Promise<Growth> {
  const { key, hash } = createKey();
  return withHost({ program, crowdKey: hash }, async ({ host, start }) => {
    const crowd = start([here('crowd.ts'), host.url, key]);
    return await grow(crowd, { kind, counts, read: async () => residentMiB(host.pid) });
  });
}

/** Live bytes of the heap, in MiB, without garbage. */
export function measureHeap(program: Program, kind: Kind, counts: readonly number[]): Promise<Growth> {
  const { key, hash } = createKey();
  return withHost({ program, crowdKey: hash, inspected: true }, async ({ host, start }) => {
    const inspector = await inspectorOf(host);
    const crowd = start([here('crowd.ts'), host.url, key]);
    const growth = await grow(crowd, { kind, counts, read: async () => (await inspector.liveHeap()) / 2 ** 20 });
    inspector.close();
    return growth;
  });
}

interface GrowOptions {
  readonly kind: Kind;
  readonly counts: readonly number[];
  readonly read: () => Promise<number>;
}

async function grow(crowd: RunningProcess, { kind, counts, read }: GrowOptions): Promise<Growth> {
  // What the first of its kind makes the host load and compile is no part of what each costs.
  await open(crowd, 'sessions', WARM);
  if (kind === 'streams') {
    await open(crowd, 'streams', WARM);
    await open(crowd, 'sessions', Math.max(...counts));
  }
  await setTimeout(SETTLE_MS);
  const before = await read();
  const growth: { count: number; added: number }[] = [];
  let opened = 0;
  for (const count of counts) {
    await open(crowd, kind, count - opened);
    opened = count;
    await setTimeout(SETTLE_MS);
    growth.push({ count, added: (await read()) - before });
  }
  return growth;
}

const WARM = 20;
/** Few enough that a busy machine makes them in the time that a program may be silent. */
const AT_A_TIME = 250;

async function open(crowd: RunningProcess, kind: Kind, count: number): Promise<void> {
  for (let left = count; left > 0; left -= AT_A_TIME) await crowd.line(`${kind} ${Math.min(left, AT_A_TIME)}`);
}

export interface SlopeFigures {
  readonly calls: number;
  /** Live heap in MiB, after each tenth of the calls; the first is after the calls that warm up. */
  readonly heapMiB: readonly number[];
  readonly residentMiB: number;
}

const IN_FLIGHT = 32;
/** Every path compiled, every cache and ring as large as it will be. */
const WARM_CALLS = 100_000;

/** What stays of calls that are over. */
export function measureSlope(program: Program, calls: number): Promise<SlopeFigures> {
  return withHost({ program, servers: echoServer, inspected: true }, async ({ host, start }) => {
    const inspector = await inspectorOf(host);
    const load = startLoad({ host, start });
    await callUntil(load, WARM_CALLS);
    const heapMiB = [(await inspector.liveHeap()) / 2 ** 20];
    let done = 0;
    for (let tenth = 1; tenth <= 10; tenth++) {
      done += await callUntil(load, (calls * tenth) / 10 - done);
      heapMiB.push((await inspector.liveHeap()) / 2 ** 20);
    }
    inspector.close();
    return { calls: done, heapMiB, residentMiB: residentMiB(host.pid) };
  });
}

/** What there is to call. */
export async function echoServer(start: Rig['start']): Promise<object> {
  const echo = start([here('../echo-http.ts'), '200']);
  return { echo: { url: (JSON.parse(await echo.line()) as { readonly url: string }).url } };
}

/** A client of it. */
export function startLoad({ host, start }: Rig): RunningProcess {
  return start([here('../load.ts'), new URL('/servers/echo/mcp', host.url).href, 'legacy']);
}

export async function callUntil(load: RunningProcess, calls: number): Promise<number> {
  let done = 0;
  while (done < calls) done += (JSON.parse(await load.line(`${IN_FLIGHT} 2`)) as Run).calls;
  return done;
}

async function inspectorOf({ inspector }: HostProcess): Promise<Inspector> {
  if (inspector === undefined) throw new Error('the host has no inspector');
  return openInspector(inspector);
}

function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

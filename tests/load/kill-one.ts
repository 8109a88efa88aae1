import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { UpstreamSpec } from '@hostler/kernel';
import { openLegacySession } from '@hostler/test-kit';
import type { LegacySession } from '@hostler/test-kit';
import { chaosSpec } from '../faults/support/chaos-spec.ts';
import { percentile } from '../faults/support/control-probe.ts';
import { servePlan } from '../serve.ts';

export interface Latency {
  readonly calls: number;
  readonly errors: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

export interface KillOneReport {
  readonly baseline: Latency;
  /** The windows that begin with the death of a server. */
  readonly disturbed: Latency;
  readonly kills: number;
  /** Of the others: they were neither ended nor started anew. */
  readonly areTheSame: boolean;
}

export interface KillOneOptions {
  /** Windows without and with a kill come by turns, so that whatever else the machine does meets both. */
  readonly kills: number;
  /** Seconds of one window. Starting a process in the place of the killed one takes Node some 10 ms, in which it does nothing else. */
  readonly window: number;
  /** Calls per second, over all servers but the one that is killed. */
  readonly rate?: number;
}

const OTHERS = 6;

/** What clients of healthy servers notice of the death of another. */
export async function killOne({ kills, window, rate = 200 }: KillOneOptions): Promise<KillOneReport> {
  const others = Array.from({ length: OTHERS }, (_, index) => `other-${index}`);
  const victims = Array.from({ length: kills }, (_, index) => `victim-${index}`);
  const served = await servePlan(
    [...victims.map((name) => smallSpec(name)), ...others.map((name) => chaosSpec(name))],
    { config: 'servers: {}\nlog: { level: error }\n' },
  );
  try {
    const open = (name: string): Promise<LegacySession> => openLegacySession(`${served.url}/servers/${name}/mcp`);
    const sessions = await Promise.all(others.map(open));
    const pids = await Promise.all(victims.map(async (name) => pidOf(await open(name))));
    const before = await Promise.all(sessions.map(pidOf));
    await load(sessions, 1, rate); // What is compiled once is compiled now.
    const quiet: Answered[] = [];
    const disturbed: Answered[] = [];
    for (const pid of pids) {
      quiet.push(await load(sessions, window, rate));
      process.kill(pid, 'SIGKILL');
      disturbed.push(await load(sessions, window, rate));
    }
    const areTheSame = isDeepStrictEqual(await Promise.all(sessions.map(pidOf)), before);
    return { baseline: latencyOf(quiet), disturbed: latencyOf(disturbed), kills, areTheSame };
  } finally {
    await served.close();
  }
}

/** What is measured when it dies and is started again is what the host does, not what the machine has to read. */
function smallSpec(name: string): UpstreamSpec {
  const args = [fileURLToPath(new URL('../stand-in-server.mjs', import.meta.url)), 'stats'];
  return {
    ...chaosSpec(name),
    transport: { kind: 'stdio', command: process.execPath, args, env: {}, cwd: process.cwd() },
  };
}

async function pidOf(session: LegacySession): Promise<number> {
  const { messages } = await session.call('tools/call', { name: 'stats', arguments: {} });
  const { pid } = (messages.at(-1)?.result?.['structuredContent'] ?? {}) as { pid?: number };
  if (pid === undefined) throw new Error('no process to kill');
  return pid;
}

/** Milliseconds of each call; NaN for one that failed. */
type Answered = readonly number[];

async function load(sessions: readonly LegacySession[], seconds: number, rate: number): Promise<Answered> {
  const begun = performance.now();
  const pending: Promise<number>[] = [];
  for (let count = 0; count < rate * seconds; count += 1) {
    const due = begun + (count * 1_000) / rate;
    if (performance.now() < due) await delay(due - performance.now());
    const session = sessions[count % sessions.length];
    if (session) pending.push(timeOf(session, due).catch(() => NaN));
  }
  return Promise.all(pending);
}

function latencyOf(windows: readonly Answered[]): Latency {
  const all = windows.flat();
  const times = all.filter((time) => !Number.isNaN(time));
  const round = (value: number): number => Math.round(value * 10) / 10;
  return {
    calls: all.length,
    errors: all.length - times.length,
    p50: round(percentile(times, 0.5)),
    p99: round(percentile(times, 0.99)),
    worst: round(percentile(times, 1)),
  };
}

/** From when the call was due: a host that is late with one call must not hide it by delaying the next. */
async function timeOf(session: LegacySession, due: number): Promise<number> {
  const { messages } = await session.call('tools/call', { name: 'ok', arguments: {} });
  if (messages.at(-1)?.result === undefined) throw new Error('the call failed');
  return performance.now() - due;
}

import { readFileSync } from 'node:fs';
import { cpuMicroseconds, cpuOfAll, ownProcesses, peakMiB } from '../process-usage.ts';
import type { Contender } from './contender.ts';
import type { PeerRun } from './peer-load.ts';
import type { Outcome, Sample } from './figures.ts';
import { descendantsOf } from './process-tree.ts';

export interface Plan {
  readonly inFlight: number;
  readonly rounds: number;
  readonly seconds: number;
}

export interface Course {
  readonly plan: Plan;
  /** The one HTTP server behind all; a stdio server is each gateway's own. */
  readonly serverPid?: number;
  /** Milliseconds since the epoch after which no round is begun. */
  readonly end: number;
}

export interface Dropped {
  readonly name: string;
  readonly reason: string;
}

/** As long as Hostler needs for some ten thousand calls, after which all of its path is compiled. */
const WARM_UP_SECONDS = 4;
/** What one measurement may take beyond its seconds: there are gateways that answer 32 calls in as many seconds. */
const LONGEST_WAIT_MS = 60_000;

/** All in turn, and back, several rounds: what disturbs the machine disturbs them alike. Who fails on the way is dropped. */
export async function runCourse(
  contenders: readonly Contender[],
  course: Course,
): Promise<{ readonly outcomes: Outcome[]; readonly dropped: Dropped[] }> {
  const { plan } = course;
  const dropped: Dropped[] = [];
  const samples = new Map<Contender, { calls: Sample[]; lists: Sample[] }>();
  for (const contender of contenders) samples.set(contender, { calls: [], lists: [] });
  const attempt = async (contender: Contender, command: string, into?: 'calls' | 'lists'): Promise<void> => {
    const own = samples.get(contender);
    if (own === undefined) return;
    try {
      const sample = await measure(contender, command, course);
      if (into !== undefined) own[into].push(sample);
    } catch (error) {
      if (contender.isHostler) throw error;
      samples.delete(contender);
      dropped.push({ name: contender.name, reason: `under load: ${(error as Error).message.trim().slice(-300)}` });
    }
  };
  const { calls, lists, warmUp } = commandsOf(plan);
  for (const each of contenders) for (const command of warmUp) await attempt(each, command);
  // Whole rounds only: all have the same number of them, however slow the machine or one of them is.
  for (let round = 0; round < plan.rounds && Date.now() < course.end; round++) {
    const inTurn = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const each of inTurn) await attempt(each, calls, 'calls');
    for (const each of inTurn) await attempt(each, lists, 'lists');
  }
  const outcomes = [...samples].map(([{ name, isHostler, readyMs, readyMiB, gateway }, own]) => ({
    name,
    isHostler,
    readyMs,
    readyMiB,
    peakMiB: peakMiB(ownProcesses(gateway.pid)),
    ...own,
  }));
  return { outcomes, dropped };
}

/** The lists cost some gateways 50 ms each, so few are in flight: what is waited for at the end of a run is short. */
function commandsOf({ inFlight, seconds }: Plan): { calls: string; lists: string; warmUp: string[] } {
  const list = `list ${inFlight / 4}`;
  return {
    calls: `calls ${inFlight} ${seconds}`,
    lists: `${list} ${seconds / 3}`,
    warmUp: [`calls ${inFlight} ${WARM_UP_SECONDS}`, `${list} ${WARM_UP_SECONDS / 4}`],
  };
}

async function measure({ gateway, client }: Contender, command: string, { serverPid }: Course): Promise<Sample> {
  const own = ownProcesses(gateway.pid);
  const before = { gateway: cpuOfAll(own), server: serverMicroseconds(gateway.pid, own, serverPid) };
  const run = JSON.parse(await answerOf(client.line(command))) as PeerRun;
  const after = { gateway: cpuOfAll(own), server: serverMicroseconds(gateway.pid, own, serverPid) };
  return {
    ...run,
    gatewayMicroseconds: (after.gateway ?? Number.NaN) - (before.gateway ?? Number.NaN),
    serverMicroseconds: Math.max(0, after.server - before.server),
  };
}

async function answerOf(line: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${LONGEST_WAIT_MS / 1000} s`)), LONGEST_WAIT_MS);
  });
  line.catch(() => {});
  try {
    return await Promise.race([line, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** CPU time of the servers behind a gateway: the one over HTTP, or its children, those that have ended among them. */
function serverMicroseconds(pid: number, own: readonly number[], serverPid: number | undefined): number {
  if (serverPid !== undefined) return cpuMicroseconds(serverPid) ?? 0;
  const living = descendantsOf(pid).filter((child) => !own.includes(child));
  const times = living.map((child) => cpuMicroseconds(child) ?? 0);
  return times.reduce(
    (sum, time) => sum + time,
    own.reduce((sum, each) => sum + ofEndedChildren(each), 0),
  );
}

/** In ticks of 10 ms. Source: proc_pid_stat(5), fields 16 and 17. */
function ofEndedChildren(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10_000;
  } catch {
    return 0;
  }
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import type { Clock, UpstreamSpec } from '@hostler/kernel';
import { systemClock } from '@hostler/runtime';
import { exchange, temporaryDirectory } from '@hostler/test-kit';
import type { LegacySession } from '@hostler/test-kit';
import type { UpstreamState, UpstreamStatus } from '@hostler/upstream';
import { expect } from 'vitest';
import { servePlan } from '../../serve.ts';
import type { Served } from '../../serve.ts';
import { chaosSpec } from './chaos-spec.ts';
import { createControlProbe } from './control-probe.ts';
import type { ProbeReport } from './control-probe.ts';
import { startMachineNoise } from './machine-noise.ts';
import type { MachineNoise } from './machine-noise.ts';
import { callInSession, callStateless, openPatientSession } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { grown, lastingFindings, moreThan, takeResources } from './resources.ts';
import { expectSafeError } from './safe-error.ts';

export interface RigOptions {
  /** Chaos servers over stdio, by name, with their parameters. */
  readonly chaos?: Readonly<Record<string, readonly string[]>>;
  readonly specs?: readonly UpstreamSpec[];
  /** Milliseconds for one call of a chaos server. */
  readonly callTimeout?: number;
  /** What `/readyz` must say within ten seconds of the end. */
  readonly ready?: boolean;
  /** Whether as much must be open after the fault as before it; it is not while a server stays down. */
  readonly steady?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** The configuration file of the host, JSON or YAML; its servers are beside those above. */
  readonly config?: string;
  /** Begin while servers start. */
  readonly early?: boolean;
  /** How much faster than time the host's clock runs. */
  readonly haste?: number;
  /** Looks at the host after the fault. The control probe is over: this is work of the test, not of the host. */
  readonly inspect?: (rig: Rig) => Promise<void>;
}

type CallTool = (server: string, tool: string, parameters?: Readonly<Record<string, unknown>>) => Promise<Outcome>;

/** A host with faulty servers, and one that has no part in it. */
export interface Rig {
  readonly served: Served;
  /** A tool call of a legacy client at the endpoint of that server. */
  readonly call: CallTool;
  /** The same of a modern client. */
  readonly callModern: CallTool;
  /** How often the processes of a chaos server were sent this: `tools/call hang`, `notifications/cancelled -`. */
  readonly received: (server: string, request: string) => Promise<number>;
  /** Resolves with the state of a server once it is like that. */
  readonly until: (server: string, status: UpstreamStatus) => Promise<UpstreamState>;
  /** Milliseconds so far in which not even an idle thread of this machine was served. */
  readonly late: () => number;
}

const RECOVERY = { timeout: 10_000, interval: 25 };

/**
 * Runs a fault in a whole host and checks afterwards what must hold after every fault: I1, I3 to I6, I8 and I9. Servers
 * given as `specs` keep no record of their calls: of them the fault itself has to ask.
 */
export async function withRig(options: RigOptions, fault: (rig: Rig) => Promise<void>): Promise<void> {
  const { ready = true, steady = true } = options;
  const strays = watchStrays();
  const before = takeResources();
  await using directory = await temporaryDirectory();
  const served = await servePlan(specsOf(options, directory.path), {
    environment: { ...process.env, ...options.environment },
    ...(options.config !== undefined && { config: options.config }),
    ...(options.early === true && { early: true }),
    ...(options.haste !== undefined && { clock: hastyClock(options.haste) }),
  });
  const outcomes: Outcome[] = [];
  try {
    const probe = await createControlProbe(`${served.url}/servers/control/mcp`);
    const running = takeResources();
    const noise = await startMachineNoise();
    const rig = createRig(served, directory.path, outcomes, noise);
    probe.start();
    await fault(rig).finally(async () => {
      const report = await probe.stop();
      expectUnaffected(report, { baseline: probe.baseline, noise: await noise.stop() });
    });
    await options.inspect?.(rig);
    await expectReadiness(served.url, ready);
    if (steady) expect(await lastingFindings(() => moreThan(running))).toEqual([]);
  } finally {
    await served.close();
    strays.stop();
  }
  expect(await lastingFindings(() => grown(before))).toEqual([]);
  expect(strays.found).toEqual([]);
  expect(outcomes.filter(({ terminals }) => terminals !== 1)).toEqual([]);
  for (const { error } of outcomes) if (error) await expectSafeError(error);
  expect(await repeatedCalls(outcomes, Object.keys(options.chaos ?? {}), directory.path)).toEqual([]);
}

/** I9: calls that a server got more often than its clients sent them, or less often than they were answered. */
async function repeatedCalls(
  outcomes: readonly Outcome[],
  servers: readonly string[],
  directory: string,
): Promise<readonly string[]> {
  const findings = servers.map(async (server) => {
    const lines = await recordOf(directory, server);
    const calls = lines.flatMap((line) => /^\d+ tools\/call (.+)$/.exec(line)?.[1] ?? []);
    const sent = outcomes.filter((outcome) => outcome.server === server);
    return [...new Set([...calls, ...sent.map(({ tool }) => tool)])].flatMap((tool) => {
      const asked = sent.filter((outcome) => outcome.tool === tool);
      const answered = asked.filter(({ error }) => error === undefined).length;
      const received = calls.filter((call) => call === tool).length;
      const isRight = answered <= received && received <= asked.length;
      return isRight ? [] : [`${server} ${tool}: ${asked.length} sent, ${received} received, ${answered} answered`];
    });
  });
  return (await Promise.all(findings)).flat();
}

/** Empty for a server that was never called. */
async function recordOf(directory: string, server: string): Promise<readonly string[]> {
  const file = join(directory, server);
  return existsSync(file) ? (await readFile(file, 'utf8')).split('\n') : [];
}

function specsOf(
  { chaos = {}, specs = [], callTimeout, haste = 1 }: RigOptions,
  directory: string,
): readonly UpstreamSpec[] {
  const faulty = Object.entries(chaos).map(([name, parameters]) => {
    const record = `--record-calls=${join(directory, name)}`;
    return { ...chaosSpec(name, [record, ...parameters], callTimeout), required: true };
  });
  // It starts and answers in the time of the machine, however fast the host's clock runs.
  const control = chaosSpec('control', [], 30_000 * haste);
  return [...faulty, ...specs, { ...control, startTimeout: 15_000 * haste }];
}

function createRig(served: Served, directory: string, outcomes: Outcome[], noise: MachineNoise): Rig {
  const sessions = new Map<string, Promise<LegacySession>>();
  const endpoint = (server: string): string => `${served.url}/servers/${server}/mcp`;
  function session(server: string): Promise<LegacySession> {
    const found = sessions.get(server) ?? openPatientSession(endpoint(server));
    sessions.set(server, found);
    return found;
  }
  const note = (outcome: Outcome): Outcome => {
    outcomes.push(outcome);
    return outcome;
  };
  return {
    served,
    call: async (server, tool, parameters = {}) =>
      note(await callInSession(await session(server), { server, tool, parameters }, noise)),
    callModern: async (server, tool, parameters = {}) =>
      note(await callStateless(endpoint(server), { server, tool, parameters }, noise)),
    async received(server, request) {
      const lines = await recordOf(directory, server);
      return lines.filter((line) => line.slice(line.indexOf(' ') + 1) === request).length;
    },
    until: (server, status) => untilState(served, server, status),
    late: () => noise.total(),
  };
}

/** Waits for the event, not for time. */
async function untilState({ runtime }: Served, server: string, status: UpstreamStatus): Promise<UpstreamState> {
  const { promise, resolve } = Promise.withResolvers<UpstreamState>();
  const look = (): void => {
    const found = runtime.readiness().servers.find((state) => state.name === server && state.status === status);
    if (found) resolve(found);
  };
  const stop = runtime.onEvent(look);
  look();
  return promise.finally(stop);
}

interface Expectation {
  readonly baseline: ProbeReport;
  /** Milliseconds by which even an idle thread was late. */
  readonly noise: number;
}

/** I3. On a machine with more work than processors, each of the processes that a call passes through waits for its turn. */
function expectUnaffected({ errors, p99 }: ProbeReport, { baseline, noise }: Expectation): void {
  expect(errors).toEqual([]);
  const queue = (loadavg()[0] ?? 0) / availableParallelism();
  const floor = queue > 1 ? FLOOR * 4 * queue : FLOOR;
  expect(p99).toBeLessThanOrEqual(Math.max(2 * baseline.p99, floor) + 2 * noise);
}

/** Milliseconds: below it is what other tests do at the same time. */
const FLOOR = 50;

/** I4. */
async function expectReadiness(url: string, ready: boolean): Promise<void> {
  expect((await exchange(`${url}/livez`)).status).toBe(200);
  await expect.poll(async () => (await exchange(`${url}/readyz`)).status, RECOVERY).toBe(ready ? 200 : 503);
}

/** For faults that take minutes: everything in the host is so much earlier, its time limits included. */
function hastyClock(haste: number): Clock {
  return {
    now: () => systemClock.now() * haste,
    after: (delay, callback) => systemClock.after(delay / haste, callback),
  };
}

/** I6. */
function watchStrays(): { readonly found: unknown[]; stop(): void } {
  const found: unknown[] = [];
  const note = (error: unknown): void => void found.push(error);
  process.on('unhandledRejection', note).on('uncaughtExceptionMonitor', note);
  return {
    found,
    stop: () => void process.off('unhandledRejection', note).off('uncaughtExceptionMonitor', note),
  };
}

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cpuMicroseconds } from '../process-usage.ts';
import { nodeCommand } from '../processes.ts';
import type { Program } from './program.ts';

/** What is measured has a core of its own. */
export const HOST_CORE = 0;

export interface HostOptions {
  readonly program: Program;
  /** Path of the configuration. */
  readonly configuration: string;
  /** Where the host keeps what it remembers. */
  readonly state: string;
  /** Costs 3 MiB by itself, so memory is measured without it. */
  readonly inspected?: boolean;
}

export interface HostProcess {
  readonly pid: number;
  /** Of `/mcp`. */
  readonly url: string;
  /** From the start of the process to its word that it is ready. */
  readonly readyMs: number;
  /** CPU time until then, of all its threads: what a busy machine does not stretch. */
  readonly readyCpuMs: number;
  /** Of the inspector; absent without it. */
  readonly inspector?: string;
  stop(): Promise<void>;
}

const LONGEST_START_MS = 60_000;
const LONGEST_END_MS = 20_000;

export async function startHost({ program, configuration, state, inspected }: HostOptions): Promise<HostProcess> {
  const inspect = inspected === true ? ['--inspect=127.0.0.1:0'] : [];
  const [command = '', ...rest] = nodeCommand(
    [...inspect, ...program, 'run', configuration, '--port', '0', '--json'],
    HOST_CORE,
  );
  const begun = performance.now();
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, XDG_STATE_HOME: state },
  });
  const pid = child.pid ?? 0;
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-10_000);
  });
  const ended = once(child, 'exit');
  const signal = AbortSignal.timeout(LONGEST_START_MS);
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line', { signal }), ended]).catch(() => undefined);
  const readyMs = performance.now() - begun;
  const line: unknown = first?.[0];
  if (typeof line !== 'string') {
    await end(child, ended);
    throw new Error(`the host did not start:\n${said}`);
  }
  const { url } = JSON.parse(line) as { readonly url: string };
  const inspector = /ws:\/\/\S+/.exec(said)?.[0];
  return {
    pid,
    url,
    readyMs,
    readyCpuMs: (cpuMicroseconds(pid) ?? Number.NaN) / 1000,
    ...(inspector !== undefined && { inspector }),
    stop: () => end(child, ended),
  };
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_END_MS);
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}

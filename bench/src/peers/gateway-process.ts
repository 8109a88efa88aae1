import { spawn } from 'node:child_process';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeCommand } from '../processes.ts';
import { descendantsOf, isSame, processAt } from './process-tree.ts';
import type { KnownProcess } from './process-tree.ts';

export interface GatewayProcess {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Resolves when it ends, with the last lines of what it said. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface GatewayCommand {
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly core: number;
}

const GRACE_MS = 3_000;

/** Starts `node <arguments>` with nothing of this environment but the path, at home in a folder of its own. */
export function startGateway(command: GatewayCommand): GatewayProcess {
  const { directory } = command;
  const [program = '', ...rest] = nodeCommand(command.arguments, command.core);
  const log = join(directory, 'errors.log');
  const file = openSync(log, 'a');
  const homes = { HOME: directory, XDG_STATE_HOME: directory, XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory };
  const env = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...homes, ...command.environment };
  // A pipe would stop whoever writes a line for every call as soon as nobody reads them.
  const child = spawn(program, rest, { cwd: directory, env, stdio: ['pipe', 'ignore', file] });
  const startedAt = performance.timeOrigin + performance.now();
  closeSync(file);
  child.stdin?.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}: ${lastLines(log)}`));
  });
  return {
    pid: child.pid ?? 0,
    startedAt,
    ended,
    async stop() {
      const family = child.pid === undefined ? [] : [child.pid, ...descendantsOf(child.pid)];
      const known = family.flatMap((pid) => processAt(pid) ?? []);
      child.kill('SIGTERM');
      await Promise.race([ended, delay(GRACE_MS)]);
      for (const each of known) endForGood(each);
      await ended;
    },
  };
}

function endForGood(known: KnownProcess): void {
  if (!isSame(known)) return;
  try {
    process.kill(known.pid, 'SIGKILL');
  } catch {
    // It ended between the two lines.
  }
}

function lastLines(file: string): string {
  const text = readFileSync(file, 'utf8').trim().split('\n').slice(-3).join(' ');
  return text.slice(0, 300) || 'it said nothing';
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

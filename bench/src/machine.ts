import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { createRequire } from 'node:module';
import { pinned } from './processes.ts';

export const NGINX = '/usr/sbin/nginx';

export interface Machine {
  readonly date: string;
  readonly node: string;
  readonly undici: string;
  /** Absent where it is not installed. */
  readonly nginx?: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly pinned: boolean;
}

/** What figures have to be read with. */
export function describeMachine(): Machine {
  const nginx = nginxVersion();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    undici: (createRequire(import.meta.url)('undici/package.json') as { version: string }).version,
    ...(nginx !== undefined && { nginx }),
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    pinned,
  };
}

function nginxVersion(): string | undefined {
  // It writes its version to the error stream.
  return /nginx\/(\S+)/.exec(spawnSync(NGINX, ['-v'], { encoding: 'utf8' }).stderr ?? '')?.[1];
}

/** One line below a table, or above it. */
export function machineLine(machine: Machine): string {
  const { date, node, undici, nginx, cores, processor, memoryGiB } = machine;
  const versions = [`Node ${node.slice(1)}`, `undici ${undici}`, nginx === undefined ? 'no nginx' : `nginx ${nginx}`];
  const place = machine.pinned ? 'each process pinned to a core' : 'processes not pinned';
  return `${date}, ${cores} × ${processor}, ${memoryGiB} GiB, ${place}, ${versions.join(', ')}.`;
}

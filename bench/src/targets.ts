import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Rig, TargetName } from './cell.ts';
import { writeDeployedConfig, writeOffConfig } from './hostler-config.ts';
import type { HostlerConfig } from './hostler-config.ts';
import { NGINX } from './machine.ts';
import { listening, writeNginxConfig } from './nginx.ts';
import { nodeCommand, startNode, startProgram } from './processes.ts';
import type { RunningProcess } from './processes.ts';

export interface Target {
  readonly name: TargetName;
  readonly load: RunningProcess;
  /** The process whose CPU time is measured, with those it starts; absent for a direct call. */
  readonly pid?: number;
}

export interface RigOptions extends Rig {
  readonly targets: readonly TargetName[];
  /** The command line of the `old` targets: a file of another version of the product. */
  readonly oldProgram?: string;
  /** When it is aborted, everything ends. */
  readonly signal: AbortSignal;
  /** Where Hostler leaves CPU profiles, one of each target, when it ends. */
  readonly profiles?: string;
}

/** What is measured has a core of its own; the load and the servers behind share the other one. */
export const TARGET_CORE = 0;
export const LOAD_CORE = cpus().length > 1 ? 1 : 0;
/** How many tools the echo server lists, and so what the view of a consumer has. */
const TOOLS = '200';

/** Starts everything that one comparison needs, and ends it afterwards. */
export async function withTargets(options: RigOptions, use: (targets: Target[]) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'hostler-bench-'));
  const running: RunningProcess[] = [];
  const own = (process: RunningProcess): RunningProcess => {
    running.push(process);
    return process;
  };
  const stopAll = (): void => {
    for (const process of running) void process.stop();
  };
  options.signal.addEventListener('abort', stopAll);
  try {
    const rig: StartedRig = { options, directory, own, upstream: await startUpstream(options, own) };
    const targets: Target[] = [];
    for (const name of options.targets.filter((target) => target !== 'nginx' || existsSync(NGINX))) {
      targets.push(await startTarget(name, rig));
    }
    await use(targets);
  } finally {
    options.signal.removeEventListener('abort', stopAll);
    // Clients first: what they call must not be gone before them.
    for (const process of running.toReversed()) await process.stop();
    rmSync(directory, { recursive: true, maxRetries: 3 });
  }
}

interface StartedRig {
  readonly options: RigOptions;
  readonly directory: string;
  readonly own: (process: RunningProcess) => RunningProcess;
  /** An address, or a command line. */
  readonly upstream: URL | readonly string[];
}

async function startUpstream({ upstream }: Rig, own: StartedRig['own']): Promise<URL | readonly string[]> {
  if (upstream === 'stdio') return nodeCommand([here('echo-stdio.ts'), '200', TOOLS], LOAD_CORE);
  const form = upstream === 'sse' ? 'sse' : 'json';
  return urlOf(own(startNode([here('echo-http.ts'), '200', TOOLS, form], LOAD_CORE)));
}

async function startTarget(name: TargetName, rig: StartedRig): Promise<Target> {
  const { options, own, upstream } = rig;
  const called = (url: URL, pid?: number, { tool, key }: Pick<HostlerConfig, 'tool' | 'key'> = { tool: 'echo' }) => {
    const client = [here('load.ts'), url.href, options.era, tool, ...(key === undefined ? [] : [key])];
    return { name, load: own(startNode(client, LOAD_CORE)), ...(pid !== undefined && { pid }) };
  };
  if (!(upstream instanceof URL)) {
    if (name !== 'bare bridge') return startHostler(name, rig, called);
    const bridge = own(startNode([here('stdio-bridge.ts'), ...upstream], TARGET_CORE));
    return called(await urlOf(bridge), bridge.pid);
  }
  if (name === 'direct') return called(upstream);
  if (name === 'nginx') {
    const { file, url } = await writeNginxConfig(rig.directory, upstream);
    const nginx = own(startProgram([NGINX, '-e', 'stderr', '-c', file], TARGET_CORE));
    await listening(url);
    return called(url, nginx.pid);
  }
  if (name !== 'byte proxy') return startHostler(name, rig, called);
  const proxy = own(startNode([here('byte-proxy.ts'), upstream.href], TARGET_CORE));
  return called(await urlOf(proxy), proxy.pid);
}

type CallTarget = (url: URL, pid: number, names: Pick<HostlerConfig, 'tool' | 'key'>) => Target;

async function startHostler(name: TargetName, rig: StartedRig, called: CallTarget): Promise<Target> {
  const { options, directory, own, upstream } = rig;
  const echo = upstream instanceof URL ? { url: upstream.href } : { command: upstream[0], args: upstream.slice(1) };
  const folder = mkdtempSync(join(directory, 'hostler-'));
  const config = name.endsWith('deployed') ? writeDeployedConfig(folder, echo) : writeOffConfig(folder, echo);
  const program = name.startsWith('old ') ? options.oldProgram : CLI;
  if (program === undefined) throw new Error(`"${name}": there is no other version to compare with`);
  const profile = options.profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profiles}`];
  const run = ['--conditions=@hostler/source', ...profile, program, 'run', config.file, '--port', '0', '--json'];
  const hostler = own(startNode(run, TARGET_CORE));
  return called(new URL(config.path, await urlOf(hostler)), hostler.pid, config);
}

/** Every one of the processes begins with a line that has its address; what stands before it is not of interest. */
async function urlOf(process: RunningProcess): Promise<URL> {
  for (;;) {
    const line = await process.line();
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return new URL(url);
  }
}

function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

const CLI = here('../../apps/cli/src/main.ts');

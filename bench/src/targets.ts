import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeCommand, startNode } from './processes.ts';
import type { RunningProcess } from './processes.ts';

export interface Target {
  readonly name: 'direct' | 'byte proxy' | 'bare bridge' | 'hostler';
  readonly load: RunningProcess;
  /** The process whose CPU time is measured; absent for a direct call. */
  readonly pid?: number;
}

export interface TargetOptions {
  readonly upstream: string;
  readonly era: string;
  readonly bytes: number;
  /** How many secrets Hostler holds, which every message is searched for. */
  readonly secrets: number;
}

/** What is measured has a core of its own; the load and the servers behind share the other one. */
const TARGET_CORE = 0;
const LOAD_CORE = cpus().length > 1 ? 1 : 0;

/** Starts everything that one comparison needs, and ends it afterwards. */
export async function withTargets(options: TargetOptions, use: (targets: Target[]) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'hostler-bench-'));
  const running: RunningProcess[] = [];
  const start = (nodeArguments: readonly string[], core: number): RunningProcess => {
    const process = startNode(nodeArguments, core);
    running.push(process);
    return process;
  };
  const target = async (name: Target['name'], process: RunningProcess, scope = ''): Promise<Target> => {
    const url = new URL((JSON.parse(await process.line()) as { url: string }).url);
    const load = start([here('load.ts'), new URL(scope, url).href, options.era], LOAD_CORE);
    return { name, load, pid: process.pid };
  };
  const hostler = (server: object): Promise<Target> => {
    const config = join(directory, 'hostler.json');
    const owner = options.secrets === 0 ? {} : { owner: ownerOfSecrets(options.secrets, directory) };
    writeFileSync(config, JSON.stringify({ servers: { echo: server, ...owner } }));
    const process = start(['--conditions=@hostler/source', CLI, 'run', config, '--port', '0', '--json'], TARGET_CORE);
    return target('hostler', process, '/servers/echo/mcp');
  };
  try {
    if (options.upstream === 'http') {
      const echo = start([here('echo-http.ts'), String(options.bytes)], LOAD_CORE);
      const { url } = JSON.parse(await echo.line()) as { url: string };
      const direct: Target = { name: 'direct', load: start([here('load.ts'), url, options.era], LOAD_CORE) };
      const proxy = await target('byte proxy', start([here('byte-proxy.ts'), url], TARGET_CORE));
      await use([direct, proxy, await hostler({ url })]);
    } else {
      const command = nodeCommand([here('echo-stdio.ts'), String(options.bytes)], LOAD_CORE);
      const bridge = await target('bare bridge', start([here('stdio-bridge.ts'), ...command], TARGET_CORE));
      await use([bridge, await hostler({ command: command[0], args: command.slice(1) })]);
    }
  } finally {
    // Clients first: what they call must not be gone before them.
    for (const process of running.toReversed()) await process.stop();
    rmSync(directory, { recursive: true });
  }
}

/** A server that is never called and has all the secrets, in a file beside the configuration. */
function ownerOfSecrets(count: number, directory: string): object {
  const names = Array.from({ length: count }, (_, index) => `SECRET_${index}`);
  const lines = names.map((name) => `${name}=${randomBytes(24).toString('base64url')}`);
  writeFileSync(join(directory, 'secrets.env'), lines.join('\n'));
  const env = Object.fromEntries(names.map((name) => [name, { secret: `file://./secrets.env#${name}` }]));
  return { command: process.execPath, args: [here('echo-stdio.ts'), '1'], env };
}

function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

const CLI = here('../../apps/cli/src/main.ts');

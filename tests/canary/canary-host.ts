import { writeFile, rm, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exchange, startProcess, startStdioClient } from '@hostler/test-kit';
import type { RunningProcess, StdioClient } from '@hostler/test-kit';
import { vi } from 'vitest';
import type { World } from './world.ts';

const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const leaveOut = fileURLToPath(new URL('leave-out.ts', import.meta.url));

/** `hostler run` as a process of its own, at the level debug. */
export interface CanaryHost extends AsyncDisposable {
  readonly world: World;
  readonly process: RunningProcess;
  /** Without a path. */
  readonly url: string;
  /** Text of the answer, whatever its status, with the headers. */
  readonly get: (path: string) => Promise<string>;
  readonly post: (path: string, body: unknown) => Promise<string>;
  /** Another command with the same configuration. */
  command(line: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Printed>;
  /** A client of `hostler stdio` with the same configuration. */
  stdio(): Promise<StdioClient>;
  /** From now on these guards are out, and no others. */
  leaveOut(guards: readonly string[]): Promise<void>;
}

export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** @param without what is left out from its start on; absent: the product as it is, of which nothing can be left out */
export async function startHost(world: World, without?: readonly string[]): Promise<CanaryHost> {
  const guarded = without === undefined;
  for (const guard of without ?? []) await writeFile(join(world.leftOut, guard), '');
  const node = ['--conditions=@hostler/source', ...(guarded ? [] : ['--import', leaveOut])];
  const reporting = [
    '--report-on-signal',
    '--report-signal=SIGUSR2',
    `--report-directory=${join(world.folder, 'reports')}`,
  ];
  const options = { cwd: world.folder, env: world.environment };
  const running = await startProcess(
    process.execPath,
    [...node, ...reporting, main, 'run', world.configFile, '--json', '--port', '0'],
    { ...options, waitFor: /"event":"ready"/, timeout: 45_000 },
  );
  const url = new URL((JSON.parse(running.firstLine) as { readonly url: string }).url).origin;
  const ask = async (path: string, request: object): Promise<string> => {
    // A rotation starts several servers anew before it answers.
    const { status, rawHeaders, text } = await exchange(`${url}${path}`, { timeout: 45_000, ...request });
    return `${status} ${rawHeaders.join(' ')}\n${text}`;
  };
  return {
    world,
    process: running,
    url,
    get: (path) => ask(path, {}),
    post: (path, body) => ask(path, { body, headers: { 'content-type': 'application/json' } }),
    async command(line, environment = {}) {
      const parameters = [...node, main, ...line, '--config', world.configFile];
      await using command = await startProcess(process.execPath, parameters, {
        ...options,
        env: { ...options.env, ...environment },
      });
      command.closeStdin();
      await Promise.all([command.exited, command.stdout.ended, command.stderr.ended]);
      return { stdout: command.stdout.text(), stderr: command.stderr.text() };
    },
    stdio: () => startStdioClient(process.execPath, [...node, main, 'stdio', world.configFile], options),
    async leaveOut(guards) {
      for (const old of await readdir(world.leftOut)) await rm(join(world.leftOut, old));
      for (const guard of guards) await writeFile(join(world.leftOut, guard), '');
    },
    async [Symbol.asyncDispose]() {
      await running.stop(30_000);
      await Promise.all([running.stdout.ended, running.stderr.ended]);
    },
  };
}

/** Asks for a diagnostic report and gives it once it is whole. */
export async function takeReport({ world, process: { pid } }: CanaryHost): Promise<string> {
  const folder = join(world.folder, 'reports');
  process.kill(pid, 'SIGUSR2');
  return vi.waitUntil(
    async () => {
      const [name] = await readdir(folder);
      const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8');
      return text.trimEnd().endsWith('}') && text;
    },
    { timeout: 15_000, interval: 50 },
  );
}

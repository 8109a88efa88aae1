import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
export const root: string = fileURLToPath(new URL('../../../', import.meta.url));

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface DockerOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Longest time it may take; two minutes. */
  readonly timeout?: number;
}

const LONGEST = 120_000;

/** The image of this run, such as `hostler-api:dev`. */
export function image(name: 'api' | 'api-runtimes' | 'cli' | 'dev'): string {
  return `${process.env['REGISTRY'] ?? ''}hostler-${name}:${process.env['TAG'] ?? 'dev'}`;
}

/** Runs `docker …` whatever becomes of it. */
export async function tryDocker(words: readonly string[], options: DockerOptions = {}): Promise<Finished> {
  const started = performance.now();
  const { environment, timeout = LONGEST } = options;
  const settings = { cwd: root, env: { ...process.env, ...environment }, timeout, maxBuffer: 2 ** 28 };
  const since = (): number => performance.now() - started;
  try {
    return { exitCode: 0, ...(await execute('docker', [...words], settings)), milliseconds: since() };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    return { exitCode: typeof code === 'number' ? code : -1, stdout, stderr, milliseconds: since() };
  }
}

/** Runs `docker …`. @returns what it printed, without white space around it. @throws when it fails */
export async function docker(...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await tryDocker(words);
  if (exitCode !== 0) throw new Error(`docker ${words.join(' ')}: ${exitCode}: ${stderr}`);
  return stdout.trim();
}

/** Runs a shell command in a container of its own as root, which may read all of its files. */
export function inImage(name: string, script: string): Promise<string> {
  return docker('run', '--rm', '--network=none', '--user=0', '--entrypoint=sh', name, '-euc', script);
}

import { formatProblems, loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import { createRuntime, logCrashes } from '@hostler/runtime';
import type { CrashSource, Runtime } from '@hostler/runtime';
import { listen } from './listen.ts';
import { listenForServerSignals } from './stop-signals.ts';
import type { SignalSource } from './stop-signals.ts';

export interface ServerProcess {
  /** Without the program's own two. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes the log, as JSON lines. */
  readonly stderr: NodeJS.WritableStream;
  readonly signals: SignalSource;
  /** Absent: an error that nobody caught is somebody else's. */
  readonly crashes?: CrashSource;
  /** Requests may come from here on. */
  readonly onListening?: () => void;
  /** All that belongs to a start is over. */
  readonly onReady?: () => void;
  /** Whether somebody started it in a terminal, which decides what SIGHUP means. */
  readonly hasTerminal: boolean;
}

/**
 * The server as a process of its own: configuration from the first argument or HOSTLER_CONFIG, address from PORT and HOST
 * before that of the file.
 * @returns its exit code: 0 stopped as asked, 1 could not go on or was hurried, 2 invalid configuration.
 */
export async function runServer(self: ServerProcess): Promise<number> {
  const [path = self.environment['HOSTLER_CONFIG']] = positionals(self.arguments);
  if (path === undefined || path === '') {
    return fail(self, 2, 'No configuration: name it as the first argument or in HOSTLER_CONFIG.');
  }
  try {
    const { plan } = await loadConfig(path, { environment: self.environment });
    const { environment, stderr: logDestination } = self;
    const workers = await workersOf(self.arguments, plan);
    const load = await loaderOf(path, environment, workers);
    const runtime = await createRuntime({ plan, environment, logDestination, workers, ...(load && { load }) });
    if (self.crashes !== undefined) logCrashes(self.crashes, runtime.log);
    return await serveUntilStopped(self, runtime, { ...addressOf(plan, environment), workers });
  } catch (error) {
    const isConfig = isHostlerError(error) && error.code.startsWith('CONFIG_');
    return fail(self, isConfig ? 2 : 1, isConfig ? formatProblems(error) : messageOf(error), codeOf(error));
  }
}

async function serveUntilStopped(self: ServerProcess, runtime: Runtime, address: Place): Promise<number> {
  const requests = listenForServerSignals(self.signals, self.hasTerminal);
  // What became of it is in the log and in the readiness.
  requests.onReload(() => void runtime.reload().catch(() => undefined));
  try {
    const { workers: count, ...place } = address;
    const { environment, stderr: logDestination } = self;
    const workers = { count, environment, logDestination };
    const listening = await listen(runtime, { ...place, fallback: false, workers });
    const { url, socket } = listening;
    runtime.log.info({ url, ...(socket !== undefined && { socket }) }, 'listening');
    self.onListening?.();
    const stopped = new Promise<void>((resolve) => {
      requests.stop.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([Promise.all([runtime.start(), listening.started]), stopped]);
    if (!requests.stop.aborted) {
      runtime.log.info({ ready: runtime.readiness().ready }, 'started');
      self.onReady?.();
    }
    await stopped;
    runtime.log.info({}, 'stopping');
    let isHurried = false;
    const hurry = (): void => {
      isHurried = true;
      void listening.close(0);
    };
    requests.hurry.addEventListener('abort', hurry, { once: true });
    await listening.close();
    runtime.log.info({}, 'stopped');
    return isHurried ? 1 : 0;
  } finally {
    await runtime.close();
    requests.release();
  }
}

interface Place extends Address {
  readonly workers: number;
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly socket?: string;
}

function addressOf({ listen: planned }: HostPlan, environment: ServerProcess['environment']): Address {
  const { host, port, socket } = planned;
  const { HOST, PORT } = environment;
  if (!PORT) return HOST || socket === undefined ? { host: HOST || host, port } : { host, port, socket };
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65_535) throw new Error('PORT must be a whole number from 0 to 65535.');
  return { host: HOST || host, port: Number(PORT) };
}

const WORKERS_FLAG = /^--workers(?:=(.*))?$/;

function positionals(given: readonly string[]): readonly string[] {
  return given.filter((one, index) => !WORKERS_FLAG.test(one) && given[index - 1] !== '--workers');
}

/** The option, then the file. @throws when it is neither a number nor `auto` */
async function workersOf(given: readonly string[], plan: HostPlan): Promise<number> {
  const index = given.findIndex((one) => WORKERS_FLAG.test(one));
  const text = index === -1 ? undefined : (WORKERS_FLAG.exec(given[index] ?? '')?.[1] ?? given[index + 1] ?? '');
  if (text === undefined && plan.listen.workers === undefined) return 1;
  const { countWorkers, parseWorkers } = await import('./workers/index.ts');
  return countWorkers(text === undefined ? plan.listen.workers : parseWorkers(text));
}

/** A file that workers cannot share is refused as one with a mistake is. */
async function loaderOf(
  path: string,
  environment: ServerProcess['environment'],
  workers: number,
): Promise<(() => Promise<HostPlan>) | undefined> {
  if (workers === 1) return undefined;
  const { checkShareable } = await import('./workers/index.ts');
  return async () => {
    const { plan } = await loadConfig(path, { environment });
    checkShareable(plan, workers);
    return plan;
  };
}

function fail(self: ServerProcess, exitCode: number, message: string, code?: string): number {
  self.stderr.write(`${JSON.stringify({ level: 'error', time: new Date().toISOString(), code, msg: message })}\n`);
  return exitCode;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  return isHostlerError(error) ? error.code : undefined;
}

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
  /** Whether somebody started it in a terminal, which decides what SIGHUP means. */
  readonly hasTerminal: boolean;
}

/**
 * The server as a process of its own: configuration from the first argument or HOSTLER_CONFIG, address from PORT and HOST
 * before that of the file.
 * @returns its exit code: 0 stopped as asked, 1 could not go on or was hurried, 2 invalid configuration.
 */
export async function runServer(self: ServerProcess): Promise<number> {
  const [path = self.environment['HOSTLER_CONFIG']] = self.arguments;
  if (path === undefined || path === '') {
    return fail(self, 2, 'No configuration: name it as the first argument or in HOSTLER_CONFIG.');
  }
  try {
    const { plan } = await loadConfig(path, { environment: self.environment });
    const runtime = await createRuntime({ plan, environment: self.environment, logDestination: self.stderr });
    if (self.crashes !== undefined) logCrashes(self.crashes, runtime.log);
    return await serveUntilStopped(self, runtime, addressOf(plan, self.environment));
  } catch (error) {
    const isConfig = isHostlerError(error) && error.code.startsWith('CONFIG_');
    return fail(self, isConfig ? 2 : 1, isConfig ? formatProblems(error) : messageOf(error), codeOf(error));
  }
}

async function serveUntilStopped(self: ServerProcess, runtime: Runtime, address: Address): Promise<number> {
  const requests = listenForServerSignals(self.signals, self.hasTerminal);
  // What became of it is in the log and in the readiness.
  requests.onReload(() => void runtime.reload().catch(() => undefined));
  try {
    const listening = await listen(runtime, { ...address, fallback: false });
    const { url, socket } = listening;
    runtime.log.info({ url, ...(socket !== undefined && { socket }) }, 'listening');
    const stopped = new Promise<void>((resolve) => {
      requests.stop.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([runtime.start(), stopped]);
    if (!requests.stop.aborted) runtime.log.info({ ready: runtime.readiness().ready }, 'started');
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

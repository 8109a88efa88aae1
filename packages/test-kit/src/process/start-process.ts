import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createLineQueue } from './line-queue.ts';
import type { LineQueue } from './line-queue.ts';

export interface StartOptions {
  /** Resolve only when a line of stdout or stderr matches. */
  readonly waitFor?: RegExp;
  /** How long to wait for that line. */
  readonly timeout?: number;
  readonly cwd?: string;
  /** The whole environment of the child; without it, this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** The line that `waitFor` matched, otherwise empty. */
  readonly firstLine: string;
  readonly stdout: LineQueue;
  readonly stderr: LineQueue;
  readonly exited: Promise<ExitStatus>;
  write(text: string | Uint8Array): void;
  closeStdin(): void;
  /** Ends this process, and only it: asks first, insists after `grace` milliseconds. Safe to call twice. */
  stop(grace?: number): Promise<ExitStatus>;
}

/** Starts a child and drains its output. When the wait fails the child is gone, too. */
export async function startProcess(
  command: string,
  parameters: readonly string[],
  options: StartOptions = {},
): Promise<RunningProcess> {
  const child = spawn(command, parameters, {
    stdio: 'pipe',
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.env !== undefined && { env: options.env }),
  });
  const running = follow(child, [command, ...parameters].join(' '));
  if (options.waitFor === undefined) return running;
  try {
    const firstLine = await waitForLine(running, options.waitFor, options.timeout ?? 40_000);
    return { ...running, firstLine };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

function follow(child: ChildProcessWithoutNullStreams, name: string): RunningProcess {
  const stdout = createLineQueue({ name: `${name} (stdout)` });
  const stderr = createLineQueue({ name: `${name} (stderr)` });
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => stdout.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => stderr.push(chunk));
  // A child that has ended cannot be written to; that it has ended is told by `exited`.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('error', (error) => {
      stdout.end(error.message);
      stderr.end(error.message);
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
    // `close` comes after the last output, `exit` may come before it.
    child.once('close', (code, signal) => {
      stdout.end(`exited with ${code ?? signal}`);
      stderr.end(`exited with ${code ?? signal}`);
    });
  });
  // A process that exits leaves no children behind, however it came to that.
  const kill = (): void => void child.kill('SIGKILL');
  process.setMaxListeners(Math.max(process.getMaxListeners(), 100));
  process.once('exit', kill);
  void exited.then(() => process.off('exit', kill));
  async function stop(grace = 2_000): Promise<ExitStatus> {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), grace);
    try {
      return await exited;
    } finally {
      clearTimeout(timer);
    }
  }
  return {
    pid: child.pid ?? -1,
    firstLine: '',
    stdout,
    stderr,
    exited,
    write: (text) => void child.stdin.write(text),
    closeStdin: () => void child.stdin.end(),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

/** The stream that does not match reports its end as a failure only when both have ended. */
function waitForLine(running: RunningProcess, pattern: RegExp, timeout: number): Promise<string> {
  let found = false;
  const matches = (line: string): boolean => {
    if (found || !pattern.test(line)) return false;
    found = true; // So that the other stream does not swallow a second such line.
    return true;
  };
  return Promise.any([running.stdout.take(matches, timeout), running.stderr.take(matches, timeout)]).catch(
    (error: unknown) => {
      const reasons = error instanceof AggregateError ? error.errors.map(String) : [String(error)];
      throw new Error(`No line matched ${String(pattern)}.\n${reasons.join('\n')}`);
    },
  );
}

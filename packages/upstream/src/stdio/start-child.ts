import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import type { StdioSpec } from '@hostler/kernel';
import { upstreamErrors } from '../errors.ts';
import { limitedCommand } from './limited-command.ts';
import type { ChildCommand } from './limited-command.ts';

export interface StartChildOptions {
  readonly server: string;
  readonly transport: StdioSpec;
  readonly environment: Readonly<Record<string, string>>;
  /** Of this process; the child finds them at 3 and up. */
  readonly descriptors: readonly number[];
  /** Called with the id of the process, which is also that of its group, in the turn in which it came to be. */
  onStarted(id: number): void;
}

/** A running child with its three streams. */
export interface Child {
  readonly process: ChildProcess;
  readonly id: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** See `ChildCommand`. */
  readonly explain?: ChildCommand['explain'];
}

/**
 * Starts the command, through a shell only where it has limits, as leader of a process group of its own.
 * @throws UPSTREAM_UNAVAILABLE with a problem that names the command and never its arguments
 */
export async function startChild(options: StartChildOptions): Promise<Child> {
  const { server, transport } = options;
  const limited = limitedCommand(transport);
  const started = trySpawn(limited, options);
  if (started instanceof Error) throw await unavailable(server, transport, started);
  const { pid, stdin, stdout, stderr } = started;
  if (pid === undefined || !stdin || !stdout || !stderr) {
    const error = await new Promise<Error>((resolve) => started.once('error', resolve));
    throw await unavailable(server, transport, error);
  }
  options.onStarted(pid);
  return { process: started, id: pid, stdin, stdout, stderr, ...(limited.explain && { explain: limited.explain }) };
}

/** Most failures come as an event, some are thrown: a value that cannot be passed on, an argument list too long. */
function trySpawn(
  { command, args }: ChildCommand,
  { transport, environment, descriptors }: StartChildOptions,
): ChildProcess | Error {
  try {
    return spawn(command, args, {
      cwd: transport.cwd,
      env: environment,
      shell: false,
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
    });
  } catch (error) {
    return error as Error;
  }
}

/** Node's own error holds the arguments, so it goes no further. */
async function unavailable(server: string, transport: StdioSpec, error: Error): Promise<Error> {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const { command } = limitedCommand(transport);
  const problem = problemOf(code, JSON.stringify(command), await isDirectory(transport.cwd));
  return upstreamErrors.UNAVAILABLE({ details: { server, problem, mayHaveRun: false } });
}

function problemOf(code: string, command: string, hasDirectory: boolean): string {
  if (!hasDirectory) return 'Its working directory does not exist: create it or correct cwd.';
  switch (code) {
    case 'ENOENT':
      return `Its command ${command} was not found: install it or give its full path.`;
    case 'EACCES':
    case 'EPERM':
      return `Its command ${command} may not be executed: check its permissions.`;
    case 'ENOEXEC':
      return `Its command ${command} is no program: a script needs a first line that names its interpreter.`;
    case 'E2BIG':
      return 'Its arguments and environment are larger than the system allows: have large secrets delivered "as: file".';
    case 'EMFILE':
    case 'ENFILE':
      return 'The limit of open files is reached: raise it (ulimit -n).';
    case 'EAGAIN':
    case 'ENOMEM':
      return 'The system has no room for another process: raise its limits.';
    default:
      return `Its command ${command} could not be started (${code}).`;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  // Not to be looked at is as good as not being there.
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

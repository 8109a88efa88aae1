import type { Readable, Writable } from 'node:stream';
import type { SignalSource } from '@hostler/api/stop-signals';
import type { CrashSource, Runtime, RuntimeOptions } from '@hostler/runtime';

export type TerminalStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export type TerminalInput = Readable & {
  readonly isTTY?: boolean;
  /** Keys come one by one and are not shown. Only a terminal has it. */
  readonly setRawMode?: (isRaw: boolean) => unknown;
};

/** The world as the command sees it: everything that `process` would be asked for. */
export interface CliContext {
  /** Without the program's own two. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly stdin: TerminalInput;
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly signals: SignalSource;
  /** Absent: an error that nobody caught is somebody else's. */
  readonly crashes?: CrashSource;
  /** Whether hot functions are compiled for speed. Absent: the process is somebody else's. */
  readonly setOptimizing?: (isOn: boolean) => Promise<void>;
  /** Called once, when everything is up: sees to the memory and the code of the process. Absent: it is somebody else's. */
  readonly settle?: () => Promise<void>;
  /** Default: that of `@hostler/runtime`. */
  readonly createRuntime?: (options: RuntimeOptions) => Promise<Runtime>;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What every command understands. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly config?: string;
  readonly color: boolean;
  readonly quiet?: boolean;
  readonly logLevel?: LogLevel;
}

import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { StopSignal } from '@hostler/api/stop-signals';
import type { CliContext } from '../../src/context.ts';
import { runCli } from '../../src/run-cli.ts';
import { createFakeRuntime } from './fake-runtime.ts';
import type { FakeRuntime, FakeSecrets, FakeServer } from './fake-runtime.ts';

export interface RunOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly servers?: readonly FakeServer[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: FakeSecrets;
  /** The servers of the configuration are started. */
  readonly isReal?: boolean;
  /** Why there is no host. */
  readonly refusal?: Error;
  readonly stdin?: CliContext['stdin'] | string;
  /** Standard output and error are a terminal of that many columns. */
  readonly columns?: number;
  /** Called while the command works. */
  readonly during?: (running: Running) => void;
}

export interface Running {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly signal: (signal: StopSignal) => void;
  readonly runtimes: readonly FakeRuntime[];
  /** Resolves with the first text on standard output that matches. */
  readonly printed: (pattern: RegExp) => Promise<string>;
}

export interface Finished extends Running {
  readonly exitCode: number;
  readonly folder: string;
}

/** A configuration with these servers, to go with `servers` of the same names. */
export function configFor(...names: readonly string[]): string {
  return JSON.stringify({
    servers: Object.fromEntries(names.map((name) => [name, { command: 'node' }])),
    listen: { port: 0 },
  });
}

/** Runs a command line without a process: streams in memory, files in a folder of its own, servers that are fakes. */
export async function runInMemory(line: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-cli-'));
  try {
    for (const [name, content] of Object.entries(options.files ?? {})) await writeFile(join(folder, name), content);
    return await runIn(folder, line, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function runIn(folder: string, line: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const stdout = memoryStream(options.columns);
  const stderr = memoryStream(options.columns);
  const signals = new EventEmitter();
  const runtimes: FakeRuntime[] = [];
  const createRuntime: CliContext['createRuntime'] = ({ plan }) => {
    if (options.refusal !== undefined) return Promise.reject(options.refusal);
    const runtime = createFakeRuntime(plan, options.servers ?? [], options.secrets);
    runtimes.push(runtime);
    return Promise.resolve(runtime);
  };
  const context: CliContext = {
    arguments: line,
    environment: { PATH: process.env['PATH'] ?? '', ...options.environment },
    workingDirectory: folder,
    stdin: typeof options.stdin === 'object' ? options.stdin : Readable.from([options.stdin ?? '']),
    stdout: stdout.stream,
    stderr: stderr.stream,
    signals,
    ...(options.isReal !== true && { createRuntime }),
  };
  const running: Running = {
    stdout: stdout.text,
    stderr: stderr.text,
    signal: (signal) => void signals.emit(signal),
    runtimes,
    printed: stdout.printed,
  };
  const finished = runCli(context);
  options.during?.(running);
  return { ...running, exitCode: await finished, folder };
}

function memoryStream(columns: number | undefined) {
  let text = '';
  const waiting = new Set<() => void>();
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      for (const check of waiting) check();
      done();
    },
  });
  if (columns !== undefined) Object.assign(stream, { isTTY: true, columns });
  return {
    stream,
    text: () => text,
    printed: (pattern: RegExp) =>
      new Promise<string>((resolve) => {
        const check = (): void => {
          const match = pattern.exec(text);
          if (match === null) return;
          waiting.delete(check);
          resolve(match[0]);
        };
        waiting.add(check);
        check();
      }),
  };
}

import { EventEmitter } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { runCli } from '@hostler/cli';
import { loadConfig } from '@hostler/config';
import type { ConfigFile } from '@hostler/config';
import { createRuntime } from '@hostler/runtime';
import type { Runtime } from '@hostler/runtime';
import { createLineQueue, temporaryDirectory } from '@hostler/test-kit';

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in one folder. What its commands start is one host, which is started once. */
export interface CommandLine extends AsyncDisposable {
  run(...line: readonly string[]): Promise<Finished>;
  /** A command that talks: lines in, lines out. It ends when it is disposed of. */
  talk(...line: readonly string[]): Talk;
}

export interface Talk extends AsyncDisposable {
  readonly send: (message: object) => void;
  /** The next line that has this in it. */
  readonly take: (part: string) => Promise<string>;
}

export async function openCommandLine(config: ConfigFile): Promise<CommandLine> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory());
  const path = join(directory.path, 'hostler.json');
  await writeFile(path, JSON.stringify(config));
  const { plan } = await loadConfig(path, { environment: {} });
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const runtime = await createRuntime({ plan, environment: process.env, logDestination: nowhere });
  stack.defer(() => runtime.close());
  await runtime.start();
  const shared: Runtime = Object.create(runtime, {
    start: { value: () => Promise.resolve() },
    close: { value: () => Promise.resolve() },
  });
  const contextOf = (line: readonly string[], stdin: Readable, stdout: Writable, stderr: Writable) => ({
    arguments: line,
    environment: {},
    workingDirectory: directory.path,
    stdin,
    stdout,
    stderr,
    signals: new EventEmitter(),
    createRuntime: () => Promise.resolve(shared),
  });
  const owned = stack.move();
  return {
    async run(...line) {
      const [stdout, stderr] = [collector(), collector()];
      const exitCode = await runCli(contextOf(line, Readable.from([]), stdout.stream, stderr.stream));
      return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
    },
    talk(...line) {
      const [input, output] = [new PassThrough(), new PassThrough()];
      const lines = createLineQueue({ name: line.join(' ') });
      output.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
      const finished = runCli(contextOf(line, input, output, nowhere));
      return {
        send: (message) => void input.write(`${JSON.stringify(message)}\n`),
        take: (part) => lines.take((text) => text.includes(part), 60_000),
        async [Symbol.asyncDispose]() {
          input.end();
          await finished;
          output.end();
        },
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function collector() {
  let text = '';
  const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => ((text += chunk.toString()), done()) });
  return { stream, text: () => text };
}

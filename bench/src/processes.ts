import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** Whether processes can be kept on one core each. */
export const pinned: boolean = spawnSync('taskset', ['--version']).status === 0;

/** Nothing that is measured takes as long; a run that hangs ends with the name of who hangs. */
const LONGEST_SILENCE_MS = 120_000;
/** Longer than the grace that Hostler gives its calls. */
const LONGEST_END_MS = 40_000;

export interface RunningProcess {
  readonly pid: number;
  /** Writes a line to its standard input, if one is given, and waits for the next line of its standard output. */
  line(command?: string): Promise<string>;
  stop(): Promise<void>;
}

/** The command line of `node <arguments>` on one core, where taskset exists. */
export function nodeCommand(nodeArguments: readonly string[], core?: number): string[] {
  return onCore([process.execPath, ...nodeArguments], core);
}

/** Without a core: on whichever is free. */
function onCore(command: readonly string[], core: number | undefined): string[] {
  return pinned && core !== undefined ? ['taskset', '-c', String(core), ...command] : [...command];
}

/** Starts `node <arguments>` on one core. What it logs is shown only when it ends before it is stopped. */
export function startNode(nodeArguments: readonly string[], core?: number): RunningProcess {
  return startProgram([process.execPath, ...nodeArguments], core);
}

/** The same for any program. */
export function startProgram(command: readonly string[], core?: number): RunningProcess {
  const [program = '', ...rest] = onCore(command, core);
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-10_000);
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    pid: child.pid ?? 0,
    async line(input) {
      if (input !== undefined) child.stdin.write(`${input}\n`);
      const silence = new AbortController();
      const next = await Promise.race([
        lines.next().finally(() => silence.abort()),
        setTimeout(LONGEST_SILENCE_MS, undefined, { signal: silence.signal }).catch(() => undefined),
      ]);
      if (next === undefined) throw new Error(`"${command.join(' ')}" says nothing:\n${log}`);
      if (next.done !== true) return next.value;
      throw new Error(`"${command.join(' ')}" ended with ${await ended}:\n${log}`);
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const end = new AbortController();
      void setTimeout(LONGEST_END_MS, undefined, { signal: end.signal }).then(
        () => child.kill('SIGKILL'),
        () => {},
      );
      await ended;
      end.abort();
    },
  };
}

import { spawn } from 'node:child_process';
import type { Step } from './step.ts';

export interface StepPlace {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that a step exports are kept here for those after it. */
  readonly exports: string;
}

export interface Outcome {
  readonly problem: string | undefined;
  readonly stdout: string;
}

const deadline = 90_000;
/** Runs a command with what earlier ones have exported, and keeps what it exports itself. */
const script = 'set -a; [ ! -s "$0" ] || . "$0"; set +a; eval "$1"; code=$?; export -p > "$0"; exit $code';

/** Runs one command line as a reader would, in a shell. What it started is ended when it takes too long. */
export async function runStep(step: Step, { folder, environment, exports }: StepPlace): Promise<Outcome> {
  const child = spawn('bash', ['-c', script, exports, step.command], {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: 'pipe',
  });
  const group = -Number(child.pid);
  let stdout = '';
  let stderr = '';
  let isStopped = false;
  const stopWhenSaid = (): void => {
    if (step.serves !== true || isStopped || !step.prints.test(stdout + stderr)) return;
    isStopped = true;
    process.kill(group, 'SIGINT');
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    stopWhenSaid();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    stopWhenSaid();
  });
  child.stdin.on('error', () => undefined).end(step.input ?? '');
  const ending = await endOf(child, group);
  const printed = stdout + stderr;
  const expected = step.exitCode ?? 0;
  if (expected !== 'any' && ending !== expected)
    return { problem: `ended with ${ending} instead of ${expected}:\n${printed}`, stdout };
  if (!step.prints.test(printed)) return { problem: `did not print ${String(step.prints)}:\n${printed}`, stdout };
  return { problem: undefined, stdout };
}

async function endOf(child: ReturnType<typeof spawn>, group: number): Promise<number | string> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    process.kill(group, 'SIGKILL');
  }, deadline);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once('close', (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
  });
  clearTimeout(timer);
  return isLate ? `${deadline / 1000} s` : (code ?? signal ?? 'nothing');
}

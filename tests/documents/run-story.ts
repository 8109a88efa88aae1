import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './documents.ts';
import { runStep } from './run-step.ts';
import type { StepPlace } from './run-step.ts';
import type { Step, Story } from './step.ts';

export interface StoryProblem {
  readonly command: string;
  readonly problem: string;
}

/** Runs the steps of a story one after the other. Everything it made is gone afterwards. */
export async function runStory(story: Story): Promise<readonly StoryProblem[]> {
  const own = await mkdtemp(join(tmpdir(), 'hostler-documents-'));
  try {
    const place = await preparePlace(story, own);
    const problems = await runSteps(story.steps, place);
    if (story.whileServed === undefined) return problems;
    await using _host = await serve(place);
    return [...problems, ...(await runSteps(story.whileServed, place))];
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

async function preparePlace(story: Story, own: string): Promise<StepPlace> {
  const folder = story.isInRepository === true ? root : join(own, 'folder');
  await mkdir(join(own, 'bin'), { recursive: true });
  await mkdir(folder, { recursive: true });
  const program = join(own, 'bin', 'hostler');
  await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'apps/cli/dist/main.js')}" "$@"\n`);
  await chmod(program, 0o755);
  const { PATH = '', HOME = own } = process.env;
  const path = [join(own, 'bin'), dirname(process.execPath), PATH].join(delimiter);
  const environment = { PATH: path, HOME, XDG_STATE_HOME: join(own, 'state'), NO_COLOR: '1', CI: '1' };
  const exports = join(own, 'exports');
  const place = { folder, environment, exports };
  const run = async (command: string): Promise<string> => (await runStep({ command, prints: /^/ }, place)).stdout;
  const more = await story.prepare({ folder, port: await freePort(), run });
  await rm(exports, { force: true });
  return { folder, environment: { ...environment, ...more }, exports };
}

async function runSteps(steps: readonly Step[], place: StepPlace): Promise<readonly StoryProblem[]> {
  const problems: StoryProblem[] = [];
  for (const step of steps) {
    const begun = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- each follows from the one before it
    const { problem } = await runStep(step, place);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${problem === undefined ? '✓' : '✗'} ${step.command} (${seconds} s)`);
    if (problem !== undefined) problems.push({ command: step.command, problem });
  }
  return problems;
}

/** `hostler run` in the folder, ready; ended at the end of the scope. */
async function serve({ folder, environment, exports }: StepPlace): Promise<AsyncDisposable> {
  const child = spawn('bash', ['-c', 'set -a; . "$0"; set +a; exec hostler run --json', exports], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const ready = Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line)),
    exited.then(() => 'it ended'),
  ]);
  const line = await Promise.race([ready, late()]);
  if (!line.includes('"ready"')) {
    child.kill('SIGKILL');
    throw new Error(`hostler run: ${line}`);
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function late(): Promise<string> {
  await once(AbortSignal.timeout(90_000), 'abort');
  return 'it was not ready after 90 s';
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}

#!/usr/bin/env node
import process from 'node:process';
import { runCli } from './run-cli.ts';

/** Longest wait for the process to end by itself. */
const LINGER = 2_000;
const LONG = 2 ** 30;

// A reader that has seen enough (`hostler tools | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// A diagnostic report is passed on to others, and the environment holds secrets. Not every runtime has reports.
if ('report' in process) process.report.excludeEnv = true;

/** What the engine was started with. */
function engineSettings(): string[] {
  return [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
}

// Timers of the product keep no process alive, but a command is not over while it waits for one.
const awake = setInterval(() => undefined, LONG);
process.exitCode = await runCli({
  arguments: process.argv.slice(2),
  environment: process.env,
  workingDirectory: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  crashes: process,
  // Most commands have no use for it.
  setOptimizing: async (isOn) => {
    const { allocateYoung, setOptimizing } = await import('@hostler/api/engine');
    // The same commands have use for this, once, before they load anything else.
    if (!isOn) allocateYoung();
    setOptimizing(isOn, engineSettings());
  },
  settle: async () => {
    const { boundNursery, collectGarbage, inlineMore, keepCompiled } = await import('@hostler/api/engine');
    collectGarbage();
    boundNursery(engineSettings());
    keepCompiled(engineSettings());
    inlineMore(engineSettings());
  },
});
clearInterval(awake);
// Everything is closed by now; what is not must not keep a person waiting. The timer itself keeps nothing alive.
setTimeout(() => process.exit(), LINGER).unref();

#!/usr/bin/env node
import process from 'node:process';
import { answerFlag } from './answer-flag.ts';
import { allocateYoung } from './engine/allocate-young.ts';
import { boundNursery } from './engine/bound-nursery.ts';
import { collectGarbage } from './engine/collect-garbage.ts';
import { inlineMore } from './engine/inline-more.ts';
import { keepCompiled } from './engine/keep-compiled.ts';
import { setOptimizing } from './engine/set-optimizing.ts';
import { hardenProcess } from './harden-process.ts';

const answer = answerFlag(process.argv.slice(2));
if (answer === undefined) {
  hardenProcess();
  // Timers of the product keep no process alive, but it is not over while it waits for one before it listens.
  setInterval(() => undefined, 2 ** 30);
  const settings = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  allocateYoung();
  setOptimizing(false, settings);
  const { runServer } = await import('./run-server.ts');
  const exitCode = await runServer({
    arguments: process.argv.slice(2),
    environment: process.env,
    stderr: process.stderr,
    signals: process,
    crashes: process,
    onListening: () => setOptimizing(true, settings),
    onReady: () => {
      collectGarbage();
      boundNursery(settings);
      keepCompiled(settings);
      inlineMore(settings);
    },
    hasTerminal: process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY,
  });
  process.exit(exitCode);
}
process.stdout.write(answer);

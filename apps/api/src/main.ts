#!/usr/bin/env node
import process from 'node:process';
import { hardenProcess } from './harden-process.ts';
import { runServer } from './run-server.ts';

hardenProcess();
// Timers of the product keep no process alive, but it is not over while it waits for one before it listens.
setInterval(() => undefined, 2 ** 30);
const exitCode = await runServer({
  arguments: process.argv.slice(2),
  environment: process.env,
  stderr: process.stderr,
  signals: process,
  crashes: process,
  hasTerminal: process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY,
});
process.exit(exitCode);

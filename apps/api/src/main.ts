#!/usr/bin/env node
import process from 'node:process';
import { hardenProcess } from './harden-process.ts';
import { runServer } from './run-server.ts';

hardenProcess();
const exitCode = await runServer({
  arguments: process.argv.slice(2),
  environment: process.env,
  stderr: process.stderr,
  signals: process,
  hasTerminal: process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY,
});
process.exit(exitCode);

#!/usr/bin/env node
import process from 'node:process';
import { runServer } from './run-server.ts';

const exitCode = await runServer({
  arguments: process.argv.slice(2),
  environment: process.env,
  stderr: process.stderr,
  signals: process,
  hasTerminal: process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY,
});
process.exit(exitCode);

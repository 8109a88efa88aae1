#!/usr/bin/env node
import process from 'node:process';
import { runServer } from './run-server.ts';

const exitCode = await runServer({
  arguments: process.argv.slice(2),
  environment: process.env,
  stderr: process.stderr,
  signals: process,
});
process.exit(exitCode);

import process from 'node:process';
import { Socket } from 'node:net';
import { allocateYoung } from '../engine/allocate-young.ts';
import { boundNursery } from '../engine/bound-nursery.ts';
import { inlineMore } from '../engine/inline-more.ts';
import { keepCompiled } from '../engine/keep-compiled.ts';
import { hardenProcess } from '../harden-process.ts';
import { runWorker } from './run-worker.ts';
import { LINK_DESCRIPTOR } from './link-descriptor.ts';

hardenProcess();
allocateYoung();
const settings = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
boundNursery(settings);
keepCompiled(settings);
inlineMore(settings);
// The process that has the servers says when it is time: signals to the whole group, as a terminal sends them, are its own.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// Timers of the product keep no process alive.
setInterval(() => undefined, 2 ** 30);
process.exit(
  await runWorker({
    channel: process,
    stream: new Socket({ fd: LINK_DESCRIPTOR, readable: true, writable: true }),
    stderr: process.stderr,
    crashes: process,
    exit: (code) => process.exit(code),
  }),
);

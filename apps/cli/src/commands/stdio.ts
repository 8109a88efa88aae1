import { setTimeout as delay } from 'node:timers/promises';
import { listenForStop } from '@hostler/api/stop-signals';
import type { StopRequests } from '@hostler/api/stop-signals';
import { createStdioEndpoint } from '@hostler/endpoint';
import type { StdioEndpoint } from '@hostler/endpoint';
import { aborted } from '../aborted.ts';
import { actingConsumer } from '../acting-consumer.ts';
import type { ActingFlags } from '../acting-consumer.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { narrow, openRuntime } from '../host-session.ts';
import { loadPlan } from '../load-plan.ts';
import { problemLines } from '../problems.ts';

export interface StdioOptions extends ActingFlags {
  readonly server?: string;
}

/** Milliseconds to wait for servers before the client is answered: it asks once what there is, when it connects. */
const START_WAIT = 10_000;

/** `hostler stdio`: the host for the one program at the other end. Standard output belongs to the endpoint alone. */
export async function runStdio(cli: Cli, named: string | undefined, options: StdioOptions): Promise<number> {
  const { context, output } = cli;
  const { plan, notes } = await loadPlan(cli, named);
  const { server } = options;
  const { scope } = narrow(plan, options);
  const consumer = actingConsumer(plan, options.as);
  for (const line of problemLines(notes, context.workingDirectory)) output.note(`note ${line}`);
  const runtime = await openRuntime(cli, plan, { adjust: (read) => narrow(read, { server }).plan });
  const requests = listenForStop(context.signals);
  try {
    const started = runtime.start();
    await Promise.race([started, delay(START_WAIT, undefined, { ref: false }), aborted(requests.stop)]);
    const { host, log, clock } = runtime;
    const { stdin: input, stdout } = context;
    const grace = plan.shutdownGrace;
    const redact = (bytes: Uint8Array): Uint8Array => runtime.redactBytes(bytes);
    const endpoint = createStdioEndpoint({ host, log, clock, redact, scope, consumer, input, output: stdout, grace });
    return await serveUntilEnd(endpoint, requests, grace);
  } finally {
    await runtime.close();
    requests.release();
  }
}

async function serveUntilEnd(endpoint: StdioEndpoint, requests: StopRequests, grace: number): Promise<number> {
  await Promise.race([endpoint.done, aborted(requests.stop)]);
  // What is under way is answered with an error then.
  requests.hurry.addEventListener('abort', () => void endpoint.close(0), { once: true });
  await endpoint.close(grace);
  return requests.hurry.aborted ? exitCodes.UNEXPECTED : exitCodes.OK;
}

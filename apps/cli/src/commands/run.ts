import { listen } from '@hostler/api';
import type { Listening } from '@hostler/api';
import { listenForServerSignals } from '@hostler/api/stop-signals';
import type { ServerSignals } from '@hostler/api/stop-signals';
import type { HostPlan } from '@hostler/config';
import type { Runtime } from '@hostler/runtime';
import { aborted } from '../aborted.ts';
import type { Cli } from '../cli.ts';
import type { CliContext } from '../context.ts';
import { cliErrors } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { createRequest, openRuntime } from '../host-session.ts';
import type { OpenOptions } from '../host-session.ts';
import { createLastWords } from '../last-words.ts';
import type { LastWords } from '../last-words.ts';
import { loadPlan } from '../load-plan.ts';
import { createLogStream } from '../log-stream.ts';
import { problemLines } from '../problems.ts';
import { watchStates } from '../server-states.ts';
import type { ServerStates } from '../server-states.ts';
import { summarize } from '../server-summary.ts';
import { createNewsFilter, createProgress, noProgress } from '../text/progress.ts';
import type { Progress } from '../text/progress.ts';
import { announceReady, announceState } from './announce.ts';
import { checkPlan } from './check-plan.ts';
import { createRunLog } from './run-log.ts';

export interface RunOptions {
  /** As typed. */
  readonly port?: string;
  readonly host?: string;
  readonly workers?: string;
}

/** `hostler run`: the host, until somebody stops it. */
export async function runRun(cli: Cli, named: string | undefined, options: RunOptions): Promise<number> {
  const { context, output } = cli;
  const address = addressFrom(cli, options);
  // An address of the configuration is no matter where another one is asked for.
  const { plan, notes } = await loadPlan(cli, named, address.host === undefined ? checkPlan : undefined);
  const workers = await workersFrom(options.workers, plan);
  // Where no person reads standard error, all that is said there are records of the log, and each thing is said once.
  const isForPeople = context.stderr.isTTY === true && !output.isJson;
  const names = plan.servers.map(({ name }) => name);
  const progress = isForPeople ? createProgress(output, names) : noProgress;
  const lastWords = createLastWords();
  const write = createRunLog(cli, { lastWords, isForPeople, write: progress.write });
  const log = createLogStream(cli, { write, isForPeople: false });
  const runtime = await openRuntime(cli, plan, {
    log,
    auditOutput: context.stdout,
    ...(context.stderr.isTTY === true && { level: 'warn' }),
    ...(workers > 1 && (await forWorkers(workers))),
  });
  for (const line of problemLines(notes, context.workingDirectory)) {
    if (isForPeople) progress.write(`${output.paintNote('yellow', 'note')} ${line}`);
    else runtime.log.warn({ problem: line }, 'the configuration is used, but');
  }
  const requests = listenForServerSignals(context.signals, hasTerminal(context));
  // What became of it is in the log and in the readiness.
  requests.onReload(() => void runtime.reload().catch(() => undefined));
  try {
    return await serve({ cli, plan, runtime, progress, lastWords, isForPeople, requests, address, log, workers });
  } finally {
    progress.finish();
    await runtime.close();
    requests.release();
  }
}

function hasTerminal({ stdin, stdout, stderr }: CliContext): boolean {
  return [stdin, stdout, stderr].some((stream) => 'isTTY' in stream && stream.isTTY === true);
}

interface Serving {
  readonly cli: Cli;
  readonly plan: HostPlan;
  readonly runtime: Runtime;
  readonly progress: Progress;
  readonly lastWords: LastWords;
  readonly isForPeople: boolean;
  readonly requests: ServerSignals;
  readonly address: Address;
  readonly log: NodeJS.WritableStream;
  readonly workers: number;
}

async function serve(serving: Serving): Promise<number> {
  const { cli, runtime, progress, lastWords, requests, plan, address } = serving;
  const wanted = { host: address.host ?? plan.listen.host, port: address.port ?? plan.listen.port };
  // A port that was asked for by name is part of somebody's settings: another one would be no use to them.
  const isPlanned = address.host === undefined && address.port === undefined;
  const { socket } = plan.listen;
  const listening = await listen(runtime, {
    ...wanted,
    fallback: address.port === undefined,
    ...(isPlanned && socket !== undefined && { socket }),
    workers: { count: serving.workers, environment: cli.context.environment, logDestination: serving.log },
  });
  // Requests may come from here on.
  await cli.context.setOptimizing?.(true);
  const stopped = aborted(requests.stop);
  const states = watchStates(runtime, cli.masking);
  const unwatch = states.onChange(progress.update);
  await Promise.race([Promise.all([runtime.start(), listening.started]), stopped]);
  progress.finish();
  unwatch();
  const request = createRequest(runtime, { scope: { kind: 'all' }, signal: requests.stop, masking: cli.masking });
  const servers = requests.stop.aborted ? [] : await summarize({ states: states.now(), request }, ['tools']);
  if (requests.stop.aborted) {
    await stop(serving, listening);
    throw cliErrors.INTERRUPTED();
  }
  announceReady(cli, { listening, servers, wantedPort: wanted.port, plan, lastWords });
  await cli.context.settle?.();
  tellOfChanges(serving, states);
  await stopped;
  return await stop(serving, listening);
}

function tellOfChanges({ cli, lastWords, isForPeople }: Serving, states: ServerStates): void {
  if (!isForPeople && !cli.output.isJson) return;
  const isNews = createNewsFilter();
  states.now().forEach(isNews);
  states.onChange((state) => {
    if (isNews(state)) announceState(cli, state, lastWords);
  });
}

async function stop(
  { cli: { output }, runtime, requests, isForPeople }: Serving,
  listening: Listening,
): Promise<number> {
  if (isForPeople) output.note('stopping… (once more to stop at once)');
  else runtime.log.info({}, 'stopping');
  let isHurried = false;
  const hurry = (): void => {
    isHurried = true;
    // What goes wrong with the stop is reported by the call that waits for it below.
    listening.close(0).catch(() => undefined);
  };
  requests.hurry.addEventListener('abort', hurry, { once: true });
  await listening.close();
  if (!isForPeople) runtime.log.info({}, 'stopped');
  if (output.isJson) output.json({ event: 'stopped' }, 'compact');
  return isHurried ? exitCodes.UNEXPECTED : exitCodes.OK;
}

/** The flag, then the file. @throws CLI_USAGE */
async function workersFrom(typed: string | undefined, plan: HostPlan): Promise<number> {
  if (typed === undefined && plan.listen.workers === undefined) return 1;
  const { countWorkers, parseWorkers } = await import('@hostler/api/workers');
  try {
    return countWorkers(typed === undefined ? plan.listen.workers : parseWorkers(typed));
  } catch (error) {
    throw cliErrors.USAGE({ details: { problem: (error as Error).message }, cause: error });
  }
}

/** A file that workers cannot share is refused as one with a mistake is, at the start and later. */
async function forWorkers(workers: number): Promise<Pick<OpenOptions, 'workers' | 'adjust'>> {
  const { checkShareable } = await import('@hostler/api/workers');
  return {
    workers,
    adjust(plan) {
      checkShareable(plan, workers);
      return plan;
    },
  };
}

interface Address {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** The flag, then the environment; the plan fills in the rest. @throws CLI_USAGE */
function addressFrom({ context }: Cli, { port, host }: RunOptions): Address {
  const source = port === undefined ? 'PORT' : '--port';
  const text = port ?? (context.environment['PORT'] || undefined);
  if (text === undefined) return { host, port: undefined };
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw cliErrors.USAGE({ details: { problem: `${source} must be a whole number from 0 to 65535, not "${text}".` } });
  }
  return { host, port: Number(text) };
}

import { listen } from '@hostler/api';
import type { Listening } from '@hostler/api';
import { listenForStop } from '@hostler/api/stop-signals';
import type { StopRequests } from '@hostler/api/stop-signals';
import { loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import type { Runtime } from '@hostler/runtime';
import { aborted } from '../aborted.ts';
import type { Cli } from '../cli.ts';
import { findConfig } from '../config-path.ts';
import { cliErrors } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { createRequest, openRuntime } from '../host-session.ts';
import { createLogStream } from '../log-stream.ts';
import { problemLines } from '../problems.ts';
import { summarize } from '../server-summary.ts';
import { createNewsFilter, createProgress } from '../text/progress.ts';
import type { Progress } from '../text/progress.ts';
import { announceReady, announceState } from './announce.ts';

export interface RunOptions {
  /** As typed. */
  readonly port?: string;
  readonly host?: string;
}

/** `hostler run`: the host, until somebody stops it. */
export async function runRun(cli: Cli, named: string | undefined, options: RunOptions): Promise<number> {
  const { context, output } = cli;
  const path = await findConfig(context, { named, option: cli.options.config });
  const address = addressFrom(cli, options);
  const { plan, notes } = await loadConfig(path, { environment: context.environment });
  for (const line of problemLines(notes, context.workingDirectory)) {
    output.note(`${output.paintNote('yellow', 'note')} ${line}`);
  }
  const progress = createProgress(
    output,
    plan.servers.map(({ name }) => name),
  );
  const log = createLogStream(cli, {
    write: (line) => (output.isJson ? void context.stderr.write(`${line}\n`) : progress.write(line)),
  });
  const level = context.stderr.isTTY === true ? 'warn' : plan.log.level;
  const runtime = await openRuntime(cli, plan, level, log);
  const requests = listenForStop(context.signals);
  try {
    return await serve({ cli, plan, runtime, progress, requests, address });
  } finally {
    await runtime.close();
    requests.release();
  }
}

interface Serving {
  readonly cli: Cli;
  readonly plan: HostPlan;
  readonly runtime: Runtime;
  readonly progress: Progress;
  readonly requests: StopRequests;
  readonly address: Address;
}

async function serve(serving: Serving): Promise<number> {
  const { cli, runtime, progress, requests, plan, address } = serving;
  const wanted = { host: address.host ?? plan.listen.host, port: address.port ?? plan.listen.port };
  // A port that was asked for by name is part of somebody's settings: another one would be no use to them.
  const listening = await listen(runtime, { ...wanted, fallback: address.port === undefined });
  const stopped = aborted(requests.stop);
  const unwatch = runtime.onEvent((event) => event.kind === 'state' && progress.update(event.state));
  await Promise.race([runtime.start(), stopped]);
  progress.finish();
  unwatch();
  const request = createRequest(runtime, { scope: { kind: 'all' }, signal: requests.stop });
  const servers = requests.stop.aborted ? [] : await summarize({ runtime, request }, ['tools']);
  if (requests.stop.aborted) {
    await stop(serving, listening);
    throw cliErrors.INTERRUPTED();
  }
  announceReady(cli, { listening, servers, wantedPort: wanted.port, plan });
  const isNews = createNewsFilter();
  runtime.host.servers().forEach(isNews);
  runtime.onEvent((event) => {
    if (event.kind === 'state' && isNews(event.state)) announceState(cli, event.state);
  });
  await stopped;
  return await stop(serving, listening);
}

async function stop({ cli: { output }, requests }: Serving, listening: Listening): Promise<number> {
  output.note('stopping… (once more to stop at once)');
  let isHurried = false;
  const hurry = (): void => {
    isHurried = true;
    // What goes wrong with the stop is reported by the call that waits for it below.
    listening.close(0).catch(() => undefined);
  };
  requests.hurry.addEventListener('abort', hurry, { once: true });
  await listening.close();
  if (output.isJson) output.json({ event: 'stopped' }, 'compact');
  return isHurried ? exitCodes.UNEXPECTED : exitCodes.OK;
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

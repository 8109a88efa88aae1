import { listenForStop } from '@hostler/api/stop-signals';
import type { HostPlan } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import type { SecretRow } from '@hostler/runtime';
import { hostAsClient } from '@hostler/upstream';
import type { Cli } from '../cli.ts';
import { findConfig } from '../config-path.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { createRequest, openRuntime, orInterrupted, unwatched } from '../host-session.ts';
import { createLastWords } from '../last-words.ts';
import type { LastWords } from '../last-words.ts';
import { readPlan } from '../load-plan.ts';
import { createLogStream } from '../log-stream.ts';
import { mendOf } from '../mends.ts';
import { problemLines, shownPath } from '../problems.ts';
import { watchStates } from '../server-states.ts';
import { printSummaries, summarize } from '../server-summary.ts';
import type { ServerSummary } from '../server-summary.ts';
import { createProgress } from '../text/progress.ts';
import type { Check } from './check.ts';
import { checkCertificate } from './check-certificate.ts';
import { checkConsumers } from './check-consumers.ts';
import { checkLock } from './check-lock.ts';
import { checkOffers } from './check-offers.ts';
import { checkCommand } from './check-command.ts';
import { checkListen, checkNode } from './check-machine.ts';
import { printChecks } from './print-checks.ts';
import { checkReferences, isUnreadableSecret, summarizeReferences } from './secrets/check-references.ts';

interface Findings {
  readonly checks: Check[];
  readonly servers: readonly ServerSummary[];
}

const COUNTED = ['tools', 'prompts', 'resources'] as const;

/** `hostler doctor`: looks at everything that must be right, starts every server once, and says how to mend the rest. */
export async function runDoctor(cli: Cli, named: string | undefined): Promise<number> {
  const { output } = cli;
  const checks: Check[] = [checkNode(process.versions.node)];
  const found = await readConfig(cli, named);
  checks.push(...found.checks);
  let servers: readonly ServerSummary[] = [];
  if (found.plan !== undefined) {
    checks.push(await checkListen(found.plan, cli.context.workingDirectory));
    checks.push(...checkConsumers(found.plan, Date.now()));
    const findings = await examineServers(cli, found.plan);
    checks.push(...findings.checks);
    ({ servers } = findings);
  }
  const exitCode = worst(checks, servers, found.exitCode);
  if (output.isJson) output.json({ ok: exitCode === exitCodes.OK, checks, servers });
  else print(cli, checks, servers);
  return exitCode;
}

interface ConfigFindings {
  readonly checks: readonly Check[];
  readonly plan?: HostPlan;
  readonly exitCode: number;
}

async function readConfig({ context, options }: Cli, named: string | undefined): Promise<ConfigFindings> {
  try {
    const path = await findConfig(context, { named, option: options.config });
    const { plan, notes } = await readPlan(path, context);
    const shown = shownPath(path, context.workingDirectory);
    const checks: Check[] = [{ name: 'config', status: 'ok', message: `${shown} is valid` }];
    for (const message of problemLines(notes, context.workingDirectory)) {
      checks.push({ name: 'config', status: 'warning', message });
    }
    return { checks, plan, exitCode: exitCodes.OK };
  } catch (error) {
    const exitCode = exitCodeOf(error);
    if (exitCode !== exitCodes.USAGE) throw error;
    const lines = problemLines(error, context.workingDirectory);
    return { checks: lines.map((message) => ({ name: 'config', status: 'failed', message })), exitCode };
  }
}

async function examineServers(cli: Cli, plan: HostPlan): Promise<Findings> {
  const path = cli.context.environment['PATH'];
  const checks = (await Promise.all(plan.servers.map((spec) => checkCommand(spec, path)))).filter(
    (check) => check !== undefined,
  );
  const lastWords = createLastWords();
  // Read by this command instead of being shown: what a server said before it died explains why.
  const log = createLogStream(cli, { write: lastWords.read, isForPeople: false });
  const verbose = { ...cli, options: { ...cli.options, logLevel: 'debug' as const } };
  const runtime = await openRuntime(verbose, unwatched(plan), { log }).catch(toCheck);
  if ('status' in runtime) return { checks: [...checks, runtime], servers: [] };
  const requests = listenForStop(cli.context.signals);
  const progress = createProgress(
    cli.output,
    plan.servers.map(({ name }) => name),
  );
  const states = watchStates(runtime, cli.masking);
  const unwatch = states.onChange(progress.update);
  try {
    const secrets = await orInterrupted(runtime.secrets.check(requests.stop), requests.stop);
    checks.push(...(await checkCertificate(runtime.tls, requests.stop)));
    checks.push(...summarizeReferences(secrets), ...checkReferences(plan, secrets));
    await orInterrupted(runtime.start(), requests.stop);
    progress.finish();
    const request = createRequest(runtime, { scope: { kind: 'all' }, signal: requests.stop, masking: cli.masking });
    const servers = await summarize({ states: states.now(), request }, COUNTED);
    checks.push(...servers.flatMap((server) => explain(server, { lastWords, secrets })));
    checks.push(...checkOffers(cli.masking.value(await runtime.host.conflicts(hostAsClient))));
    checks.push(...checkLock(runtime.lock));
    return { checks, servers };
  } finally {
    unwatch();
    progress.finish();
    await runtime.close();
    requests.release();
  }
}

/** A provider of secrets that cannot be set up keeps everything from being started. */
function toCheck(error: unknown): Check {
  if (!isHostlerError(error) || exitCodeOf(error) !== exitCodes.USAGE) throw error;
  return { name: 'secret provider', status: 'failed', message: error.message };
}

interface Explanations {
  readonly lastWords: LastWords;
  readonly secrets: readonly SecretRow[];
}

/** Why a server is not as it should be, what to do where that is not said of its secret, and what it said last. */
function explain(summary: ServerSummary, { lastWords, secrets }: Explanations): Check[] {
  const { name, status, problem } = summary;
  if (problem === undefined) return [];
  const said = lastWords.of(name).map((line) => `\n| ${line}`);
  const isTold = secrets.some((secret) => secret.problem === problem);
  const mend = [
    isTold ? undefined : mendOf(summary),
    said.length > 0 ? `It said last:${said.join('')}` : undefined,
  ].filter((part) => part !== undefined);
  return [
    {
      name: `server ${name}`,
      status: status === 'up' ? 'warning' : 'failed',
      message: problem,
      ...(mend.length > 0 && { mend: mend.join('\n') }),
    },
  ];
}

function worst(checks: readonly Check[], servers: readonly ServerSummary[], configExitCode: number): number {
  if (configExitCode !== exitCodes.OK) return configExitCode;
  if (checks.some(({ name, status }) => name === 'port' && status === 'failed')) return exitCodes.USAGE;
  if (servers.some(({ status }) => status !== 'up')) return exitCodes.SERVER_DOWN;
  if (checks.some(isUnreadableSecret)) return exitCodes.SERVER_DOWN;
  return checks.some(({ status }) => status === 'failed') ? exitCodes.UNEXPECTED : exitCodes.OK;
}

function print({ output }: Cli, checks: readonly Check[], servers: readonly ServerSummary[]): void {
  printChecks(output, checks);
  if (servers.length === 0) return;
  output.print('');
  printSummaries(output, servers, COUNTED);
}

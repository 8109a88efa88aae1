import { listenForStop } from '@hostler/api/stop-signals';
import { loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import { hostAsClient } from '@hostler/upstream';
import { aborted } from '../aborted.ts';
import type { Cli } from '../cli.ts';
import { findConfig } from '../config-path.ts';
import { cliErrors } from '../errors.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { createRequest, openRuntime } from '../host-session.ts';
import { createLogStream } from '../log-stream.ts';
import { problemLines, shownPath } from '../problems.ts';
import { printSummaries, summarize } from '../server-summary.ts';
import type { ServerSummary } from '../server-summary.ts';
import { createProgress } from '../text/progress.ts';
import type { Check } from './check.ts';
import { checkCommand } from './check-command.ts';
import { checkNode, checkPort } from './check-machine.ts';
import { createLastWords } from './last-words.ts';
import type { LastWords } from './last-words.ts';

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
    checks.push(await checkPort(found.plan.listen));
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
    const { plan, notes } = await loadConfig(path, { environment: context.environment });
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
  const runtime = await openRuntime({ ...cli, options: { ...cli.options, logLevel: 'debug' } }, plan, 'debug', log);
  const requests = listenForStop(cli.context.signals);
  const progress = createProgress(
    cli.output,
    plan.servers.map(({ name }) => name),
  );
  const unwatch = runtime.onEvent((event) => event.kind === 'state' && progress.update(event.state));
  try {
    await Promise.race([runtime.start(), aborted(requests.stop)]);
    progress.finish();
    if (requests.stop.aborted) throw cliErrors.INTERRUPTED();
    const request = createRequest(runtime, { scope: { kind: 'all' }, signal: requests.stop });
    const servers = await summarize({ runtime, request }, COUNTED);
    checks.push(...servers.flatMap((server) => explain(server, lastWords)));
    for (const { kind, publicKey, served, hidden } of await runtime.host.conflicts(hostAsClient)) {
      checks.push({
        name: 'names',
        status: 'warning',
        message: `The ${kind} ${publicKey} of ${hidden.server} is hidden by the one of ${served.server}.`,
        mend: `Reach it at /servers/${hidden.server}/mcp, or rename one of the two.`,
      });
    }
    return { checks, servers };
  } finally {
    unwatch();
    await runtime.close();
    requests.release();
  }
}

/** Why a server is not as it should be, what to do, and what it said last. */
function explain({ name, status, problem, problemCode = '' }: ServerSummary, lastWords: LastWords): Check[] {
  if (problem === undefined) return [];
  const said = lastWords.of(name).map((line) => `\n    ${line}`);
  const mend = [MENDS[problemCode], said.length > 0 ? `It said last:${said.join('')}` : undefined].filter(
    (part) => part !== undefined,
  );
  return [
    {
      name: `server ${name}`,
      status: status === 'up' ? 'warning' : 'failed',
      message: problem,
      ...(mend.length > 0 && { mend: mend.join('\n  ') }),
    },
  ];
}

const MENDS: Readonly<Record<string, string>> = {
  SECRET_NOT_FOUND:
    'Create the secret, mend its name, or write "optional: true" beside it when the server can do without.',
  SECRET_ACCESS_DENIED: 'Give the identity that Hostler runs as the right to read this one secret.',
  SECRET_UNAVAILABLE: 'Look whether the secret store can be reached from here; Hostler tries again by itself.',
};

function worst(checks: readonly Check[], servers: readonly ServerSummary[], configExitCode: number): number {
  if (configExitCode !== exitCodes.OK) return configExitCode;
  if (servers.some(({ status }) => status !== 'up')) return exitCodes.SERVER_DOWN;
  return checks.some(({ status }) => status === 'failed') ? exitCodes.UNEXPECTED : exitCodes.OK;
}

const MARKS = { ok: ['✓', 'green'], warning: ['!', 'yellow'], failed: ['✗', 'red'] } as const;

function print({ output }: Cli, checks: readonly Check[], servers: readonly ServerSummary[]): void {
  for (const { name, status, message, mend } of checks) {
    const [mark, style] = MARKS[status];
    output.print(`${output.paint(style, mark)} ${output.paint('bold', name)}: ${message}`);
    if (mend !== undefined) output.print(`  ${mend}`);
  }
  if (servers.length === 0) return;
  output.print('');
  printSummaries(output, servers, COUNTED);
}

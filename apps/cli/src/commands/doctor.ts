import { listenForStop } from '@hostler/api/stop-signals';
import { loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import { hostAsClient } from '@hostler/upstream';
import { aborted } from '../aborted.ts';
import type { Cli } from '../cli.ts';
import { findConfig } from '../config-path.ts';
import { cliErrors } from '../errors.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { createRequest, openRuntime, unwatched } from '../host-session.ts';
import { createLastWords } from '../last-words.ts';
import type { LastWords } from '../last-words.ts';
import { createLogStream } from '../log-stream.ts';
import { mendOf } from '../mends.ts';
import { problemLines, shownPath } from '../problems.ts';
import { watchStates } from '../server-states.ts';
import { printSummaries, summarize } from '../server-summary.ts';
import type { ServerSummary } from '../server-summary.ts';
import { createProgress } from '../text/progress.ts';
import { wrap } from '../text/wrap.ts';
import type { Check } from './check.ts';
import { checkOffers } from './check-offers.ts';
import { checkCommand } from './check-command.ts';
import { checkListen, checkNode } from './check-machine.ts';

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
    checks.push(await checkListen(found.plan.listen, cli.context.workingDirectory));
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
  const runtime = await openRuntime({ ...cli, options: { ...cli.options, logLevel: 'debug' } }, unwatched(plan), {
    log,
  });
  const requests = listenForStop(cli.context.signals);
  const progress = createProgress(
    cli.output,
    plan.servers.map(({ name }) => name),
  );
  const states = watchStates(runtime);
  const unwatch = runtime.onEvent((event) => event.kind === 'state' && progress.update(event.state));
  try {
    await Promise.race([runtime.start(), aborted(requests.stop)]);
    progress.finish();
    if (requests.stop.aborted) throw cliErrors.INTERRUPTED();
    const request = createRequest(runtime, { scope: { kind: 'all' }, signal: requests.stop });
    const servers = await summarize({ states: states(), request }, COUNTED);
    checks.push(...servers.flatMap((server) => explain(server, lastWords)));
    checks.push(...checkOffers(await runtime.host.conflicts(hostAsClient)));
    return { checks, servers };
  } finally {
    unwatch();
    await runtime.close();
    requests.release();
  }
}

/** Why a server is not as it should be, what to do, and what it said last. */
function explain(summary: ServerSummary, lastWords: LastWords): Check[] {
  const { name, status, problem } = summary;
  if (problem === undefined) return [];
  const said = lastWords.of(name).map((line) => `\n| ${line}`);
  const mend = [mendOf(summary), said.length > 0 ? `It said last:${said.join('')}` : undefined].filter(
    (part) => part !== undefined,
  );
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
  return checks.some(({ status }) => status === 'failed') ? exitCodes.UNEXPECTED : exitCodes.OK;
}

const MARKS = { ok: ['✓', 'green'], warning: ['!', 'yellow'], failed: ['✗', 'red'] } as const;

function print({ output }: Cli, checks: readonly Check[], servers: readonly ServerSummary[]): void {
  for (const { name, status, message, mend } of checks) {
    const [mark, style] = MARKS[status];
    const [first = '', ...rest] = wrap(`${name}: ${message}`, output.width - 2);
    output.print(
      `${output.paint(style, mark)} ${output.paint('bold', first.slice(0, name.length))}${first.slice(name.length)}`,
    );
    for (const line of [...rest, ...wrap(mend ?? '', output.width - 2)]) if (line !== '') output.print(`  ${line}`);
  }
  if (servers.length === 0) return;
  output.print('');
  printSummaries(output, servers, COUNTED);
}

import { configErrors, loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import type { Cli } from '../cli.ts';
import { findConfig } from '../config-path.ts';
import { exitCodes } from '../exit-codes.ts';
import { problemLines, problemsOf, shownPath } from '../problems.ts';
import { checkPlan } from './check-plan.ts';

/** `hostler validate`: everything that is wrong with a configuration, in one run; nothing is started. */
export async function runValidate(cli: Cli, named: string | undefined): Promise<number> {
  const { context, output } = cli;
  const path = await findConfig(context, { named, option: cli.options.config });
  const file = shownPath(path, context.workingDirectory);
  try {
    const { plan, notes, format } = await loadConfig(path, { environment: context.environment, check: checkPlan });
    if (output.isJson) output.json({ valid: true, file, format, ...countParts(plan), problems: [], notes });
    else {
      for (const line of problemLines(notes, context.workingDirectory)) {
        output.note(`${output.paintNote('yellow', 'note')} ${line}`);
      }
      output.print(`${output.paint('green', 'ok')} ${file}: ${describePlan(plan)}`);
    }
    return exitCodes.OK;
  } catch (error) {
    if (!isHostlerError(error) || error.code !== configErrors.INVALID.code) throw error;
    if (output.isJson) output.json({ valid: false, file, problems: problemsOf(error) ?? [], notes: [] });
    else {
      for (const line of problemLines(error, context.workingDirectory)) output.print(line);
      output.warn(`${output.paintNote('red', 'invalid')} ${file}: ${count(Number(error.details['count']), 'problem')}`);
    }
    return exitCodes.USAGE;
  }
}

function countParts({ servers, providers }: HostPlan): { servers: number; programs: number; providers: number } {
  const programs = servers.filter(({ transport }) => transport.kind === 'stdio').length;
  return { servers: servers.length, programs, providers: providers.length };
}

function describePlan(plan: HostPlan): string {
  const { servers, programs, providers } = countParts(plan);
  const parts = [
    `${count(servers, 'server')} (${programs} started here, ${servers - programs} reached by URL)`,
    ...(providers > 0 ? [count(providers, 'secret provider')] : []),
    `listens on ${plan.listen.host}:${plan.listen.port}`,
  ];
  return parts.join(', ');
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

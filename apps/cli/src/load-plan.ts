import { loadConfig } from '@hostler/config';
import type { HostPlan, LoadedConfig, PlanProblem } from '@hostler/config';
import type { Cli } from './cli.ts';
import { findConfig } from './config-path.ts';

export type PlanCheck = (plan: HostPlan) => Promise<readonly PlanProblem[]>;

/**
 * The configuration a command works with. What keeps it from being used as a whole stands in one list: what is wrong with
 * the file, and references to secrets that can name nothing.
 * @throws CLI_NO_CONFIG, CLI_USAGE, CONFIG_*
 */
export async function loadPlan({ context, options }: Cli, named?: string, check?: PlanCheck): Promise<LoadedConfig> {
  const path = await findConfig(context, { named, option: options.config });
  return readPlan(path, context, check);
}

/** The same of a file that is known. */
export async function readPlan(
  path: string,
  { environment }: Pick<Cli['context'], 'environment'>,
  check?: PlanCheck,
): Promise<LoadedConfig> {
  return loadConfig(path, { environment, check: check ?? (await import('@hostler/runtime')).checkSecrets });
}

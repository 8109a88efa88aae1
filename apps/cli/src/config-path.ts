import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CliContext } from './context.ts';
import { cliErrors } from './errors.ts';

/** Looked for in the working directory, in this order. */
const defaultConfigNames = ['hostler.yaml', 'hostler.yml', 'hostler.json', '.mcp.json'] as const;

export interface ConfigChoice {
  /** As an argument of the command. */
  readonly named?: string | undefined;
  /** As `--config`. */
  readonly option?: string | undefined;
}

/**
 * The configuration a command works with: the argument or `--config`, else HOSTLER_CONFIG, else the first default there is.
 * @returns an absolute path. @throws CLI_NO_CONFIG, CLI_USAGE
 */
export async function findConfig(context: CliContext, { named, option }: ConfigChoice): Promise<string> {
  const { workingDirectory, environment } = context;
  if (
    named !== undefined &&
    option !== undefined &&
    resolve(workingDirectory, named) !== resolve(workingDirectory, option)
  ) {
    throw cliErrors.USAGE({ details: { problem: `Two configurations are named: ${named} and ${option}.` } });
  }
  const chosen = named ?? option ?? (environment['HOSTLER_CONFIG'] || undefined);
  if (chosen !== undefined) return resolve(workingDirectory, chosen);
  for (const name of defaultConfigNames) {
    const path = resolve(workingDirectory, name);
    if (await isFile(path)) return path;
  }
  throw cliErrors.NO_CONFIG({ details: { names: defaultConfigNames.join(', ') } });
}

async function isFile(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() === true;
}

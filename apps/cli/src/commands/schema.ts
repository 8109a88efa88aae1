import { configJsonSchema } from '@hostler/config/schemas';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';

/** `hostler schema`: what editors complete and check a configuration with, as `$schema` of an imported one expects it. */
export function runSchema({ output }: Cli): number {
  output.json(configJsonSchema());
  return exitCodes.OK;
}

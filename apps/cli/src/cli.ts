import type { CliContext, GlobalOptions } from './context.ts';
import type { Masking } from './masking.ts';
import type { Output } from './output.ts';

/** What a command works with: the world, where its words go, and what was asked of every command. */
export interface Cli {
  readonly context: CliContext;
  readonly output: Output;
  /** Of what `output` prints. */
  readonly masking: Masking;
  readonly options: GlobalOptions;
}

import type { CliContext, GlobalOptions } from './context.ts';
import type { Output } from './output.ts';

/** What a command works with: the world, where its words go, and what was asked of every command. */
export interface Cli {
  readonly context: CliContext;
  readonly output: Output;
  readonly options: GlobalOptions;
}

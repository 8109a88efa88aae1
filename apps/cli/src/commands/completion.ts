import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { toCommandTree } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** `hostler completion <shell>`: a script made from the commands as they are. */
export function runCompletion({ output }: Cli, shell: Shell, program: Command): number {
  const script = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }[shell];
  output.raw(Buffer.from(script(toCommandTree(program))));
  return exitCodes.OK;
}

import type { CommandLine } from './command-lines.ts';
import { hostlerArguments, hostlerProblem } from './hostler-command.ts';
import { unknownName } from './named-things.ts';
import { simpleCommands } from './shell-words.ts';

/**
 * What can be known of commands without running them: options and arguments that `hostler` does not have, scripts,
 * services and targets that are not there.
 * @param isMention of commands that a sentence names, perhaps without all they need
 */
export async function commandProblems(commands: readonly CommandLine[], isMention = false): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { path, line, text } of commands) {
    for (const words of simpleCommands(text)) {
      const hostler = hostlerArguments(words);
      const problem = (hostler && (await hostlerProblem(hostler, isMention))) ?? unknownName(words);
      if (problem !== undefined) problems.push(`${path}:${line}: ${text}: ${problem}`);
    }
  }
  return problems;
}

import type { Command } from 'commander';
import { addHelp } from './help.ts';
import type { Perform } from './create-program.ts';

/** `lock` and what is below it: what was approved of the servers. */
export function addLockCommands(program: Command, perform: Perform): void {
  const lock = program
    .command('lock')
    .helpCommand(false)
    .summary('approve what servers offer, and see what has changed')
    .description(
      'Compares the tools, prompts, resource templates and instructions of the servers, and what is started\nor connected to, with what was approved of them.',
    );
  addHelp(lock, {
    about: [
      'What was approved stands in the lockfile that the configuration names in lock.file. It belongs under\nversion control. A running host takes a change of it over by itself.',
    ],
    examples: [
      ['hostler lock init', 'approve everything as it is now'],
      ['hostler lock diff', 'what is not as it was approved?'],
      ['hostler lock approve github/create_issue', 'approve one tool as it is now'],
    ],
  });
  addInit(lock, perform);
  addDiff(lock, perform);
  addApprove(lock, perform);
}

function addInit(lock: Command, perform: Perform): void {
  const init = lock
    .command('init')
    .summary('write the first lockfile')
    .description('Starts the servers and approves everything as it is now.')
    .action((_flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runLockInit } = await import('../commands/lock/approve.ts');
        return runLockInit(cli);
      }),
    );
  addHelp(init, {
    about: ['Look at what the servers offer first: hostler tools, hostler prompts.'],
    examples: [['hostler lock init', 'write the file that lock.file names']],
  });
}

function addDiff(lock: Command, perform: Perform): void {
  const diff = lock
    .command('diff')
    .summary('show what is not as it was approved')
    .description('Starts the servers and shows in what they differ from the lockfile.')
    .action((_flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runLockDiff } = await import('../commands/lock/diff.ts');
        return runLockDiff(cli);
      }),
    );
  addHelp(diff, {
    about: ['Exit code 0: nothing differs, 1: something does, 3: a server is not up and was not compared.'],
    examples: [
      ['hostler lock diff', 'for a person; hidden characters are spelled out'],
      ['hostler lock diff --json', 'for a program'],
    ],
  });
}

function addApprove(lock: Command, perform: Perform): void {
  const approve = lock
    .command('approve')
    .summary('approve what has changed')
    .description('Starts the servers and writes what they are now into the lockfile.')
    .argument('[names...]', 'servers, or server/name for a tool, prompt or resource template')
    .option('--all', 'everything; servers that are configured no more are forgotten')
    .action((names: readonly string[], flags: { readonly all?: boolean }, command: Command) =>
      perform(command, async (cli) => {
        const { runLockApprove } = await import('../commands/lock/approve.ts');
        return runLockApprove(cli, names, flags.all === true);
      }),
    );
  addHelp(approve, {
    about: ['A server that is not up stays as it was approved.'],
    examples: [
      ['hostler lock approve github', 'a server with all it has'],
      ['hostler lock approve github/create_issue', 'one tool'],
      ['hostler lock approve --all', 'everything'],
    ],
  });
}

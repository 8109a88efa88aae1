import type { Command } from 'commander';
import type { CreateFlags } from '../commands/keys/create.ts';
import { addHelp } from './help.ts';
import type { Perform } from './create-program.ts';

/** `keys` and what is below it: keys by which consumers show who they are. */
export function addKeyCommands(program: Command, perform: Perform): void {
  const keys = program
    .command('keys')
    .helpCommand(false)
    .summary('make and check the keys of consumers')
    .description('Makes keys for the consumers of a configuration, and tells whose a key is.');
  addHelp(keys, {
    about: [
      'A key is shown once, where it is made; the configuration holds its hash alone. It is never taken\nfrom the command line, where the list of processes and the history of the shell show it.',
    ],
    examples: [
      ['hostler keys create ci', 'a key, and what the configuration needs of it'],
      ['hostler keys verify < ci.key', 'whose key is it, until when?'],
    ],
  });
  addCreate(keys, perform);
  addVerify(keys, perform);
}

function addCreate(keys: Command, perform: Perform): void {
  const create = keys
    .command('create')
    .summary('make a key')
    .description(
      'Makes a key and writes it to standard output, once: it is kept nowhere. To standard error go the\nlines that the configuration needs.',
    )
    .argument('[consumer]', 'the name of the consumer it is for')
    .option('--expires <time>', 'when it ends: after 90d, 12h or 26w, or on a date')
    .action((consumer: string | undefined, flags: CreateFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runKeysCreate } = await import('../commands/keys/create.ts');
        return runKeysCreate(cli, consumer, flags);
      }),
    );
  addHelp(create, {
    about: ['A consumer may have several keys, so that one can take the place of another without a pause.'],
    examples: [
      ['hostler keys create ci --expires 90d', 'for three months'],
      ['(umask 077; hostler keys create ci > ci.key)', 'into a file that nobody else reads'],
      ['hostler keys create ci | hostler secrets set ci-key', 'into the local vault'],
    ],
  });
}

function addVerify(keys: Command, perform: Perform): void {
  const verify = keys
    .command('verify')
    .summary('tell whose a key is, and until when')
    .description(
      'Reads a key from standard input, or asks for it, and tells whether it is complete, of which\nconsumer of the configuration it is, and until when it is good.',
    )
    // A key that follows is refused with the reason instead of as one word too many.
    .allowExcessArguments()
    .action((_flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runKeysVerify } = await import('../commands/keys/verify.ts');
        return runKeysVerify(cli, { excess: command.args.length });
      }),
    );
  addHelp(verify, {
    about: ['Exit code 0: it is good, 2: it is no key, 4: it has expired, 5: it is the key of no consumer.'],
    examples: [
      ['hostler keys verify', 'asks for it, shows nothing'],
      ['hostler keys verify --config team.yaml < ci.key', 'in another configuration'],
    ],
  });
}

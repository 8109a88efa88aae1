import { Option } from 'commander';
import type { Command } from 'commander';
import type { RestTarget } from '../rest-client.ts';
import type { Perform } from './create-program.ts';
import { addHelp } from './help.ts';

/** `log`: what the running host writes into its log. */
export function addLogCommand(program: Command, perform: Perform): void {
  const log = program
    .command('log')
    .summary('show or change what a running host logs')
    .description(
      'Shows the least severe records that a running host writes, or changes that, for all its parts or\nfor single ones, until its configuration says something new or it stops.',
    )
    .argument('[setting...]', 'debug, info, warn or error; of one part: upstream=debug; upstream= ends that')
    .addOption(new Option('--url <url>', 'the running host (default: where the configuration listens)'))
    .addOption(new Option('--key-file <file>', 'a file with the key to show to it (default: HOSTLER_KEY)'))
    .action((settings: readonly string[], target: RestTarget, command: Command) =>
      perform(command, async (cli) => {
        const { runLog } = await import('../commands/log.ts');
        return runLog(cli, settings, target);
      }),
    );
  addHelp(log, {
    about: [
      'Parts: api, audit, auth, config, endpoint, host, secrets, upstream. Each record names its own in "module".',
    ],
    examples: [
      ['hostler log', 'what is written now?'],
      ['hostler log upstream=debug auth=debug', 'more of these two'],
      ['hostler log warn upstream=', 'less of all, and upstream like the others'],
    ],
  });
}

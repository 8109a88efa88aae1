import { Option } from 'commander';
import type { Command } from 'commander';
import type { RestTarget } from '../rest-client.ts';
import type { Perform } from './create-program.ts';
import { addHelp } from './help.ts';

/** `oauth` and what is below it: what users have let a running host do for them at servers. */
export function addOAuthCommands(program: Command, perform: Perform): void {
  const oauth = program
    .command('oauth')
    .helpCommand(false)
    .summary('list and revoke what users have agreed to at servers')
    .description('Lists what users have let a running host do for them at servers with oauth, and revokes it.');
  addHelp(oauth, {
    about: ['A token is never shown. With a key, its consumer needs a role that allows it for others than itself.'],
    examples: [
      ['hostler oauth list', 'who has agreed to what?'],
      ['hostler oauth revoke 3f9a01c2', 'the host forgets these tokens; their user is asked again'],
    ],
  });
  forHost(oauth.command('list'))
    .summary('list who has agreed to the use of which server')
    .description('Lists who has agreed that a running host uses which server for them.')
    .action((target: RestTarget, command: Command) =>
      perform(command, async (cli) => {
        const { runOAuthList } = await import('../commands/oauth/list.ts');
        return runOAuthList(cli, target);
      }),
    );
  forHost(oauth.command('revoke'))
    .summary('have a running host forget tokens')
    .description(
      'Has a running host forget the tokens of these grants: their users are asked again. What the issuer\nhas given stays good there until it ends.',
    )
    .argument('<id...>', 'as "oauth list" shows it, or its beginning')
    .action((ids: readonly string[], target: RestTarget, command: Command) =>
      perform(command, async (cli) => {
        const { runOAuthRevoke } = await import('../commands/oauth/revoke.ts');
        return runOAuthRevoke(cli, ids, target);
      }),
    );
}

function forHost(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'the running host (default: where the configuration listens)'))
    .addOption(new Option('--key-file <file>', 'a file with the key to show to it (default: HOSTLER_KEY)'));
}

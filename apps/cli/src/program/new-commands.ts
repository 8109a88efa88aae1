import type { Command } from 'commander';
import { addHelp } from './help.ts';
import type { Perform } from './create-program.ts';

interface NewProviderFlags {
  readonly dir?: string;
}

/** `new` and what is below it: packages that somebody is about to write. */
export function addNewCommands(program: Command, perform: Perform, version: string): void {
  const create = program
    .command('new')
    .helpCommand(false)
    .summary('start a package: a provider of secrets')
    .description('Writes a package that works, with its tests, for you to go on from.');
  const provider = create
    .command('secret-provider')
    .summary('a provider of secrets as an npm package')
    .description(
      'Writes an npm package with a provider of secrets for a backend that Hostler does not know, and\nits tests against a stand-in for that backend. Overwrites nothing.',
    )
    .argument('<name>', 'the scheme of its references, such as acme; @scope/acme puts the package into a scope')
    .option('--dir <folder>', 'where to write it (default: a folder with the name of the package)')
    .action((name: string, { dir }: NewProviderFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runNewSecretProvider } = await import('../commands/new-secret-provider.ts');
        return runNewSecretProvider(cli, name, { version, ...(dir !== undefined && { dir }) });
      }),
    );
  addHelp(provider, {
    examples: [
      ['hostler new secret-provider acme', 'the package hostler-secrets-acme for acme://…'],
      ['hostler new secret-provider @team/acme --dir providers/acme', 'in a scope, in a folder of your choice'],
    ],
  });
  addHelp(create, { examples: [['hostler new secret-provider acme', 'reads acme://…']] });
}

import { Option } from 'commander';
import type { Command } from 'commander';
import type { RekeyFlags, VaultFlags } from '../commands/secrets/open-vault.ts';
import type { RestTarget } from '../rest-client.ts';
import { addHelp } from './help.ts';
import type { Perform } from './create-program.ts';

/** `secrets` and what is below it: those of a configuration, of a running host, and of the local vault. */
export function addSecretCommands(program: Command, perform: Perform): void {
  const secrets = program
    .command('secrets')
    .helpCommand(false)
    .summary('check and rotate secrets, and keep some in an encrypted file')
    .description(
      'Checks the secrets of a configuration, has a running host read them again, and keeps secrets of\nyour own in an encrypted file, the local vault.',
    );
  addHelp(secrets, {
    about: [
      'A value is never taken from the command line, where the list of processes and the history of the\nshell show it, and never printed, unless "get --reveal" asks for it.',
    ],
    examples: [
      ['hostler secrets check', 'can every secret be read? If not, what is missing?'],
      ['hostler secrets rotate', 'the running host reads them again; no call fails'],
      ['hostler secrets set github-token', 'asks for the value; local://github-token reads it'],
    ],
  });
  addCheck(secrets, perform);
  addRotate(secrets, perform);
  addSet(secrets, perform);
  addGet(secrets, perform);
  addListing(secrets, perform);
  addRekey(secrets, perform);
}

function addCheck(secrets: Command, perform: Perform): void {
  const check = secrets
    .command('check')
    .summary('read every secret of a configuration')
    .description(
      'Reads every secret of a configuration and shows where it is from, which version, how old and who\nuses it; of one that cannot be read, what is missing. Shows no value, starts no server.',
    )
    .argument('[config]', 'the configuration file')
    .action((config: string | undefined, _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runSecretsCheck } = await import('../commands/secrets/check.ts');
        return runSecretsCheck(cli, config);
      }),
    );
  addHelp(check, {
    examples: [
      ['hostler secrets check', 'exit code 0: all can be read, 3: one that is needed cannot'],
      ['hostler secrets check team.yaml --json', 'the same as JSON'],
    ],
  });
}

function addRotate(secrets: Command, perform: Perform): void {
  const rotate = secrets
    .command('rotate')
    .summary('have a running host read secrets again')
    .description(
      'Has a running host read its secrets again, all or those that are named, and give what changed to\nthe servers that use it: in place, or by starting a fresh one. No call fails.',
    )
    .argument('[reference...]', 'such as gcp://team/token; default: all that are not pinned to a version')
    .addOption(new Option('--url <url>', 'the running host (default: where the configuration listens)'))
    .addOption(new Option('--key-file <file>', 'a file with the key to show to it (default: HOSTLER_KEY)'))
    .action((references: readonly string[], target: RestTarget, command: Command) =>
      perform(command, async (cli) => {
        const { runSecretsRotate } = await import('../commands/secrets/rotate.ts');
        return runSecretsRotate(cli, references, target);
      }),
    );
  addHelp(rotate, {
    about: [
      'The host does it when its configuration says api.secrets.enabled: true. Exit code 3: one could not\nbe read, or a server runs on with the old value.',
    ],
    examples: [
      ['hostler secrets rotate', 'all'],
      ['hostler secrets rotate aws://prod/db#password', 'one'],
    ],
  });
}

function addSet(secrets: Command, perform: Perform): void {
  const set = withVault(secrets.command('set'))
    .summary('put a secret into the local vault')
    .description(
      'Puts a secret into the local vault; local://NAME reads it. The value is asked for, or is read from\nstandard input without the line break at its end. Makes the file when there is none.',
    )
    .argument('<name>', 'its name')
    // A value that follows is refused with the reason instead of as one word too many.
    .allowExcessArguments()
    .action((name: string, flags: VaultFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runSecretsSet } = await import('../commands/secrets/vault-commands.ts');
        return runSecretsSet(cli, { name, excess: command.args.length - 1, flags });
      }),
    );
  addHelp(set, {
    about: [KEY_HELP],
    examples: [
      ['hostler secrets set github-token', 'asks twice, shows nothing'],
      ['pass show github | hostler secrets set github-token', 'from another program'],
      ['hostler secrets set tls-key < key.pem', 'several lines'],
    ],
  });
}

const KEY_HELP =
  'The key is that of secrets.local in the configuration, else HOSTLER_ENCRYPTION_KEY. Make one with\n  export HOSTLER_ENCRYPTION_KEY="base64:$(openssl rand -base64 32)"\nand keep it: nothing in the vault can be read without it.';

interface GetFlags extends VaultFlags {
  readonly reveal?: boolean;
}

function addGet(secrets: Command, perform: Perform): void {
  const get = withVault(secrets.command('get'))
    .summary('show a secret of the local vault')
    .description('Shows the version of a secret of the local vault and when it was written; its value with --reveal.')
    .argument('<name>', 'its name')
    .option('--reveal', 'print the value, and nothing else')
    .action((name: string, flags: GetFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runSecretsGet } = await import('../commands/secrets/vault-commands.ts');
        return runSecretsGet(cli, { name, isRevealed: flags.reveal === true, flags });
      }),
    );
  addHelp(get, {
    examples: [
      ['hostler secrets get github-token', 'is it there, and since when?'],
      ['hostler secrets get github-token --reveal', 'the value; into a pipe byte for byte'],
    ],
  });
}

function addListing(secrets: Command, perform: Perform): void {
  withVault(secrets.command('list'))
    .summary('list the secrets of the local vault')
    .description('Lists the names in the local vault with their versions and when they were written.')
    .action((flags: VaultFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runSecretsList } = await import('../commands/secrets/vault-commands.ts');
        return runSecretsList(cli, flags);
      }),
    );
  withVault(secrets.command('rm'))
    .summary('remove a secret from the local vault')
    .description('Removes a secret from the local vault.')
    .argument('<name>', 'its name')
    .action((name: string, flags: VaultFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runSecretsRemove } = await import('../commands/secrets/vault-commands.ts');
        return runSecretsRemove(cli, name, flags);
      }),
    );
}

function addRekey(secrets: Command, perform: Perform): void {
  const rekey = withVault(secrets.command('rekey'))
    .summary('encrypt the local vault with another key')
    .description('Encrypts everything in the local vault with a new key, which afterwards is the only one.')
    .option(
      '--new-key-file <file>',
      'a file with the new key (default: HOSTLER_NEW_ENCRYPTION_KEY, else secrets.local.key)',
    )
    .action((flags: RekeyFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runSecretsRekey } = await import('../commands/secrets/vault-commands.ts');
        return runSecretsRekey(cli, flags);
      }),
    );
  addHelp(rekey, {
    about: [
      'For a host that runs: name the new key as secrets.local.key and the old one in oldKeys, start it\nanew, run this without --new-key-file, and take the old one away.',
    ],
    examples: [['hostler secrets rekey --new-key-file new.key', 'from the key in force to the one in the file']],
  });
}

function withVault(command: Command): Command {
  return command.option('--file <file>', 'the vault (default: that of the configuration)');
}

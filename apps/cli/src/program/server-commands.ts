import { Option } from 'commander';
import type { Command } from 'commander';
import type { SettingsFlags } from '../commands/server-settings.ts';
import type { RestTarget } from '../rest-client.ts';
import { addHelp } from './help.ts';
import type { Perform } from './create-program.ts';

type Flags = SettingsFlags & RestTarget;

/** `servers` and what is below it: the servers of a host that runs, over its REST interface. */
export function addServerCommands(program: Command, perform: Perform): void {
  const servers = program
    .command('servers')
    .summary('see and change the servers of a running host')
    .description('Lists the servers of a host that runs, and changes them. Without a command: list.')
    .addOption(urlOption())
    .addOption(keyFileOption())
    .action((flags: RestTarget, command: Command) =>
      perform(command, async (cli) => {
        const { runServersList } = await import('../commands/servers.ts');
        return runServersList(cli, flags);
      }),
    );
  addHelp(servers, {
    about: [
      'Changes are in force at once and are not in the file: "drift" names them, "save" writes them\nthere. The host takes them when its configuration says api.servers.enabled: true and allows the\nprogram or host in api.servers.commands and api.servers.hosts.',
    ],
    examples: [
      ['hostler servers', 'all servers, with their state'],
      ['hostler servers add files -- npx -y @acme/files /srv', 'register and start one'],
      ['hostler servers add web https://mcp.example.com/mcp --secret authorization=env://WEB', 'with a secret'],
      ['hostler servers save', 'write the changes into the file'],
    ],
  });
  addReading(servers, perform);
  addWriting(servers, perform);
  addActions(servers, perform);
}

function addReading(servers: Command, perform: Perform): void {
  servers
    .command('list')
    .summary('list the servers')
    .description('Lists the servers of a running host with their state, and what of them is not in the file.')
    .action((_flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runServersList } = await import('../commands/servers.ts');
        return runServersList(cli, targetOf(command));
      }),
    );
  servers
    .command('show')
    .summary('show one server')
    .description('Shows a server with its state and settings. Values of env and headers are not shown.')
    .argument('<name>', 'the name of a server')
    .action((name: string, _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runServersShow } = await import('../commands/servers.ts');
        return runServersShow(cli, name, targetOf(command));
      }),
    );
  servers
    .command('drift')
    .summary('name the servers that are not as the file has them')
    .description('Names the servers that were added, changed, removed, disabled or enabled since the file was read.')
    .action((_flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runServersDrift } = await import('../commands/servers.ts');
        return runServersDrift(cli, targetOf(command));
      }),
    );
  servers
    .command('save')
    .summary('write the changes into the file')
    .description(
      'Writes the drift into the configuration file of the host; comments and order stay, and the file\nbefore it is kept as .bak.',
    )
    .action((_flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runServersSave } = await import('../commands/servers.ts');
        return runServersSave(cli, targetOf(command));
      }),
    );
}

function addWriting(servers: Command, perform: Perform): void {
  const add = withSettings(
    servers.command('add').summary('register a server and start it').argument('<name>', 'its name'),
  )
    .description('Registers a server: a program with its arguments, or the address of a server that runs.')
    .action((name: string, target: readonly string[], _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runServersAdd } = await import('../commands/servers.ts');
        return runServersAdd(cli, { name, target, flags: flagsOf(command) });
      }),
    );
  addHelp(add, {
    examples: [
      ['hostler servers add files --env MODE=fast -- npx -y @acme/files', 'put -- before a program with options'],
      ['hostler servers add files --settings - < files.json', 'as it stands below servers.files in a file'],
    ],
  });
  withSettings(servers.command('update').summary('replace the settings of a server').argument('<name>', 'its name'))
    .description('Replaces all settings of a server. The new one is started first: no call fails.')
    .action((name: string, target: readonly string[], _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runServersUpdate } = await import('../commands/servers.ts');
        return runServersUpdate(cli, { name, target, flags: flagsOf(command) });
      }),
    );
  withSettings(servers.command('test').summary('start a server apart, list its tools, stop it'))
    .description('Starts a server in the host apart from all others, lists its tools, and stops it again.')
    .action((target: readonly string[], _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runServersTest } = await import('../commands/servers.ts');
        return runServersTest(cli, { target, flags: flagsOf(command) });
      }),
    );
}

const ACTIONS = {
  restart: 'start a fresh one in the place of a server; no call fails',
  enable: 'start a server that is disabled',
  disable: 'stop a server and keep its settings',
} as const;

function addActions(servers: Command, perform: Perform): void {
  for (const action of ['restart', 'enable', 'disable'] as const) {
    servers
      .command(action)
      .summary(ACTIONS[action])
      .argument('<name>', 'the name of a server')
      .action((name: string, _flags: object, command: Command) =>
        perform(command, async (cli) => {
          const { runServersAction } = await import('../commands/servers.ts');
          return runServersAction(cli, name, action, targetOf(command));
        }),
      );
  }
  servers
    .command('remove')
    .summary('unregister a server')
    .description('Unregisters a server. Its calls under way have the time of shutdown.grace.')
    .argument('<name>', 'the name of a server')
    .action((name: string, _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runServersRemove } = await import('../commands/servers.ts');
        return runServersRemove(cli, name, targetOf(command));
      }),
    );
}

function withSettings(command: Command): Command {
  return command
    .argument('[target...]', 'a program with its arguments, or an address')
    .addOption(repeated('-e, --env <name=value>', 'a variable of the program'))
    .addOption(repeated('--header <name:value>', 'a header of every request'))
    .addOption(repeated('--secret <name=reference>', 'a secret for a variable, or a header of an address'))
    .option('--cwd <folder>', 'the folder the program runs in, on the machine of the host')
    .option('--settings <json>', 'settings as in the file; - reads them from standard input');
}

function urlOption(): Option {
  return new Option('--url <url>', 'the running host (default: where the configuration listens)');
}

function keyFileOption(): Option {
  return new Option('--key-file <file>', 'a file with the key to show to it (default: HOSTLER_KEY)');
}

function repeated(flags: string, description: string): Option {
  const collect = (value: string, values: readonly string[] = []): readonly string[] => [...values, value];
  return new Option(flags, `${description}; may be repeated`).argParser(collect);
}

/** `--url` and `--key-file` stand before or after the name of the command. */
function targetOf(command: Command): RestTarget {
  return command.optsWithGlobals<RestTarget>();
}

function flagsOf(command: Command): Flags {
  return command.optsWithGlobals<Flags>();
}

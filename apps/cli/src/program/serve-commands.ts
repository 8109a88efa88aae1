import { Option } from 'commander';
import type { Command } from 'commander';
import { addHelp } from './help.ts';
import type { Perform } from './create-program.ts';

interface RunFlags {
  readonly port?: string;
  readonly host?: string;
  readonly workers?: string;
}

interface StdioFlags {
  readonly server?: string;
  readonly as?: string;
  readonly bundle?: string;
}

/** `run` and `stdio`: what serves until it is stopped. */
export function addServeCommands(program: Command, perform: Perform): void {
  const run = program
    .command('run')
    .summary('serve the servers over HTTP')
    .description('Starts the servers of the configuration and serves them over HTTP until it is stopped.')
    .argument('[config]', 'the configuration file')
    .option(
      '-p, --port <number>',
      'port to listen on; 0 takes a free one (default: PORT, else that of the configuration)',
    )
    .option('--host <address>', 'address to listen on (default: that of the configuration)')
    .option(
      '--workers <number>',
      'processes that answer clients; auto: one for each core (default: that of the configuration, else 1)',
    )
    .action((config: string | undefined, flags: RunFlags, command: Command) =>
      perform(command, async (cli) => {
        await cli.context.setOptimizing?.(false);
        const { runRun } = await import('../commands/run.ts');
        return runRun(cli, config, flags);
      }),
    );
  addHelp(run, {
    about: [
      'When the port of the configuration is taken, the next free one is used, and said. A port given\nwith --port or PORT is used or refused.',
      'Ctrl-C and SIGTERM give running calls the time of shutdown.grace, then exit 0. A second one\nanswers them with an error and exits 1. Interrupted before the servers are up: 130.',
      'SIGHUP reads the configuration again: servers that did not change are not touched, and a file\nthat is not valid changes nothing. In a terminal SIGHUP stops: the terminal is gone.',
      'With --json, standard output has one JSON object per line. The first is\n{"event":"ready","url":…,"port":…,"servers":[…]}; "server" and "stopped" may follow.',
    ],
    examples: [
      ['hostler run', 'the configuration of this folder'],
      ['hostler run team.yaml --port 9000', 'another one, on another port'],
      ['hostler run --json --port 0', 'for programs: any free port, told on the first line'],
    ],
  });

  const stdio = program
    .command('stdio')
    .summary('serve the servers on standard input and output')
    .description(
      'Serves all servers, or one, to the program that started this command, over standard input and\noutput. Logs go to standard error.',
    )
    .argument('[config]', 'the configuration file')
    .option('-s, --server <name>', 'one server, under its own names')
    .option('--as <consumer>', 'with what that consumer may see (default: everything)')
    .addOption(new Option('--bundle <name>', 'through that bundle').conflicts('server'))
    .action((config: string | undefined, flags: StdioFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runStdio } = await import('../commands/stdio.ts');
        return runStdio(cli, config, flags);
      }),
    );
  addHelp(stdio, {
    about: ['Ends when standard input ends.'],
    examples: [
      ['claude mcp add hostler -- hostler stdio --config ~/hostler.yaml', 'as a server of a client'],
      ['hostler stdio --server memory', 'one server only'],
      ['hostler stdio --as claude', 'what the consumer claude sees'],
    ],
  });
}

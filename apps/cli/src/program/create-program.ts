import { Command, Option } from 'commander';
import { createOutput } from '../output.ts';
import type { Cli } from '../cli.ts';
import type { Masking } from '../masking.ts';
import { LOG_LEVELS } from '../context.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { cliErrors } from '../errors.ts';
import { addAuditCommands } from './audit-commands.ts';
import { addConfigCommands } from './config-commands.ts';
import { addHealthCommand } from './health-commands.ts';
import { generalHelp } from './help.ts';
import { addLogCommand } from './log-commands.ts';
import { addKeyCommands } from './key-commands.ts';
import { addLockCommands } from './lock-commands.ts';
import { addNewCommands } from './new-commands.ts';
import { addOAuthCommands } from './oauth-commands.ts';
import { addSecretCommands } from './secret-commands.ts';
import { addServeCommands } from './serve-commands.ts';
import { addServerCommands } from './server-commands.ts';
import { addUseCommands } from './use-commands.ts';

export interface Program {
  readonly command: Command;
  /** Of the command that ran. */
  readonly exitCode: () => number;
  /** Whether standard output belongs to the protocol, so that nothing else may be written to it. */
  readonly ownsOutput: () => boolean;
}

export interface ProgramOptions {
  readonly version: string;
  readonly masking: Masking;
}

/** Runs the work of a command with what was asked of every command. */
export type Perform = (command: Command, work: (cli: Cli) => Promise<number>) => Promise<void>;

/** The tree of commands. What a command does is loaded when it runs. */
export function createProgram(context: CliContext, { version, masking }: ProgramOptions): Program {
  let exitCode = 0;
  let ownsOutput = false;
  const perform: Perform = async (command, work) => {
    const given = command.optsWithGlobals<GlobalOptions>();
    ownsOutput = command.name() === 'stdio';
    const options = ownsOutput ? { ...given, json: false } : given;
    exitCode = await work({ context, options, masking, output: createOutput(context, options, masking) });
  };
  const program = new Command('hostler')
    .summary('the production host for MCP servers')
    .description(
      'Runs and connects MCP servers, gives each exactly its secrets, and serves their tools,\nprompts and resources through one endpoint.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .option('-c, --config <config>', 'the configuration file')
    .option('--json', 'results and errors as JSON on standard output')
    .option('-q, --quiet', 'nothing but results and errors')
    .option('--no-color', 'plain text, also on a terminal')
    .addOption(new Option('--log-level <level>', 'log records to write to standard error').choices([...LOG_LEVELS]))
    .configureHelp({ showGlobalOptions: true, helpWidth: helpWidth(context), minWidthToWrap: MIN_WRAPPED })
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      // Help that nobody asked for: said as an error when it is for a program.
      writeErr: (text) => void (context.arguments.includes('--json') || context.stderr.write(text)),
      // Whoever runs the program reports errors, in the form that was asked for.
      outputError: () => undefined,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showSuggestionAfterError()
    .exitOverride();
  addServeCommands(program, perform);
  addConfigCommands(program, perform);
  addUseCommands(program, perform);
  addServerCommands(program, perform);
  addHealthCommand(program, perform);
  addSecretCommands(program, perform);
  addKeyCommands(program, perform);
  addOAuthCommands(program, perform);
  addAuditCommands(program, perform);
  addLogCommand(program, perform);
  addLockCommands(program, perform);
  addNewCommands(program, perform, version);
  addHelpCommand(program);
  program.addHelpText('after', generalHelp());
  return { command: program, exitCode: () => exitCode, ownsOutput: () => ownsOutput };
}

/** `hostler help run` is what many try first; `hostler run --help` is what the help tells of. */
function addHelpCommand(program: Command): void {
  program
    .command('help', { hidden: true })
    .argument('[command...]')
    .action((names: readonly string[]) => {
      let command = program;
      for (const name of names) {
        const next = command.commands.find((candidate) => candidate.name() === name);
        if (next === undefined) throw cliErrors.USAGE({ details: { problem: `unknown command '${name}'` } });
        command = next;
      }
      command.outputHelp();
    });
}

const MAX_HELP_WIDTH = 100;
/** A column narrower than that is not wrapped. */
const MIN_WRAPPED = 20;

/** Wide lines are hard to read; narrow terminals are respected. */
function helpWidth({ stdout: { columns } }: CliContext): number {
  return Math.min(columns || MAX_HELP_WIDTH, MAX_HELP_WIDTH);
}

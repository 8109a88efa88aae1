import { isHostlerError } from '@hostler/kernel';
import { CommanderError } from 'commander';
import type { CliContext } from './context.ts';
import { cliErrors } from './errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { createProgram } from './program/create-program.ts';

/** Parses the command line and runs its command. @returns the exit code. */
export async function runCommandLine(context: CliContext, version: string): Promise<number> {
  const program = createProgram(context, version);
  try {
    if (context.arguments.length === 0) {
      program.command.outputHelp();
      return exitCodes.OK;
    }
    await program.command.parseAsync(context.arguments, { from: 'user' });
    return program.exitCode();
  } catch (error) {
    // Help and version end a command line this way too, with 0.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.OK;
    const isJson = context.arguments.includes('--json') && !program.ownsOutput();
    return await reportError(context, error instanceof CommanderError ? usageError(error) : error, { isJson });
  }
}

function usageError({ code, message }: CommanderError): Error {
  const problem =
    code === 'commander.help'
      ? 'A command is missing: hostler --help lists them.'
      : message.replace(/^error: /, '').replaceAll('\n', ' ');
  return cliErrors.USAGE({ details: { problem } });
}

async function reportError(context: CliContext, error: unknown, { isJson }: { isJson: boolean }): Promise<number> {
  // The options may be what was wrong, so they are looked for, not parsed.
  const options = { json: isJson, color: !context.arguments.includes('--no-color') };
  const output = createOutput(context, options);
  const exitCode = exitCodeOf(error);
  const lines = await linesOf(error, context.workingDirectory);
  if (output.isJson) {
    const code = isHostlerError(error) ? error.code : 'CLI_UNEXPECTED';
    const details = isHostlerError(error) ? error.details : {};
    output.json(
      { error: { ...details, code, message: error instanceof Error ? error.message : String(error) } },
      'compact',
    );
  }
  for (const line of lines) output.warn(`${output.paintNote('red', 'error')} ${line}`);
  return exitCode;
}

async function linesOf(error: unknown, workingDirectory: string): Promise<string[]> {
  const { printable } = await import('./text/printable.ts');
  if (isHostlerError(error) && error.code.startsWith('CONFIG_')) {
    const { problemLines } = await import('./problems.ts');
    return problemLines(error, workingDirectory).map(printable);
  }
  if (isHostlerError(error)) {
    const isOwn = error.code.startsWith('CLI_');
    return [printable(isOwn ? error.message : `${error.message} (${error.code})`)];
  }
  // Not one of ours, so a defect: the stack is what a report of it needs.
  return [printable(error instanceof Error ? (error.stack ?? error.message) : String(error))];
}

import { isHostlerError } from '@hostler/kernel';
import { CommanderError } from 'commander';
import type { CliContext } from './context.ts';
import { cliErrors } from './errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { createMasking } from './masking.ts';
import type { Masking } from './masking.ts';
import { createOutput } from './output.ts';
import { createProgram } from './program/create-program.ts';

/** Parses the command line and runs its command. @returns the exit code. */
export async function runCommandLine(context: CliContext, version: string): Promise<number> {
  const masking = createMasking();
  const program = createProgram(context, { version, masking });
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
    return await reportError(context, error instanceof CommanderError ? usageError(error) : error, { isJson, masking });
  }
}

function usageError({ code, message }: CommanderError): Error {
  const problem =
    code === 'commander.help'
      ? 'A command is missing: hostler --help lists them.'
      : withoutValue(message, code)
          .replace(/^error: /, '')
          .replaceAll('\n', ' ');
  return cliErrors.USAGE({ details: { problem } });
}

interface ReportOptions {
  readonly isJson: boolean;
  readonly masking: Masking;
}

/** What follows an option that nobody knows is not repeated: it may be a secret. */
function withoutValue(message: string, code: string): string {
  return code === 'commander.unknownOption' ? message.replace(/=.*'/s, "'") : message;
}

async function reportError(context: CliContext, error: unknown, { isJson, masking }: ReportOptions): Promise<number> {
  // The options may be what was wrong, so they are looked for, not parsed.
  const options = { json: isJson, color: !context.arguments.includes('--no-color') };
  const output = createOutput(context, options, masking);
  const exitCode = exitCodeOf(error);
  const lines = await linesOf(error, context.workingDirectory);
  if (output.isJson) output.json({ error: await describe(error) }, 'compact');
  for (const line of lines) output.warn(`${output.paintNote('red', 'error')} ${line}`);
  return exitCode;
}

async function describe(error: unknown): Promise<object> {
  if (isHostlerError(error)) return { ...error.details, code: error.code, message: error.message };
  return {
    code: 'CLI_UNEXPECTED',
    message: await withoutSecrets(error instanceof Error ? error.message : String(error)),
  };
}

/** Words that are not ours, perhaps of a provider of secrets that failed before anything it was given could be masked. */
async function withoutSecrets(text: string): Promise<string> {
  const { redactLikely } = await import('@hostler/secrets');
  return redactLikely(text);
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
  return [printable(await withoutSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error)))];
}

export type { CliContext, GlobalOptions, LogLevel, TerminalInput, TerminalStream } from './context.ts';
export { cliErrors } from './errors.ts';
export { exitCodes } from './exit-codes.ts';
export { runCli } from './run-cli.ts';

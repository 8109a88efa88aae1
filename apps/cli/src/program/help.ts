import type { Command } from 'commander';
import { exitCodeTable } from '../exit-codes.ts';

/** What `--help` says after the options. */
export interface HelpText {
  /** Paragraphs. */
  readonly about?: readonly string[];
  /** Command lines with what they do. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
}

export function addHelp(command: Command, { about = [], examples }: HelpText): Command {
  const widest = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, meaning]) => `  ${line.padEnd(widest)}  ${meaning}`);
  return command.addHelpText('after', ['', ...about.flatMap((text) => [text, '']), 'Examples:', ...lines].join('\n'));
}

/** The end of the program's own help. */
export function generalHelp(): string {
  const codes = exitCodeTable.map(([code, meaning]) => `  ${String(code).padEnd(5)} ${meaning}`);
  return [
    '',
    'Configuration:',
    '  The file named on the command line, else HOSTLER_CONFIG, else the first of hostler.yaml,',
    '  hostler.yml, hostler.json and .mcp.json in this folder.',
    '',
    'Environment:',
    '  HOSTLER_CONFIG          the configuration file',
    '  HOSTLER_KEY             the key to show to a running host, unless --key-file is given',
    '  HOSTLER_ENCRYPTION_KEY  the key of the local vault, unless the configuration names another',
    '  PORT                    the port of "run", unless --port is given',
    '  NO_COLOR                no colour (https://no-color.org)',
    '',
    'Exit codes:',
    ...codes,
    '',
    'Examples:',
    '  hostler import ~/.cursor/mcp.json     make hostler.yaml from the configuration of a client',
    '  hostler doctor                        check everything, start every server once',
    '  hostler run                           serve all servers at http://127.0.0.1:8000/mcp',
    '  hostler call everything__echo --arg message=hello',
  ].join('\n');
}

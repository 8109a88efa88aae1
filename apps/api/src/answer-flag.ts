import { readFileSync } from 'node:fs';

const HELP = `Usage: hostler-api [config] [--workers <count>]

Runs the servers of a configuration and serves them over HTTP until it is told to stop.

Arguments:
  config               the configuration file (default: HOSTLER_CONFIG)

Options:
  --workers <count>    processes that serve the port: a number or "auto"
  -V, --version        print the version
  -h, --help           print this help

Environment:
  HOSTLER_CONFIG       the configuration file
  PORT, HOST           where to listen, before what the file says

The log goes to standard error, as JSON lines. SIGTERM and SIGINT let calls finish and exit 0, a second one exits 1 at
once; SIGHUP reads the configuration again. Exit code 2: the configuration is invalid.
`;

/** What there is to print when a flag alone asks for it, so that nothing is to be started. */
export function answerFlag([first]: readonly string[]): string | undefined {
  if (first === '--help' || first === '-h') return HELP;
  return first === '--version' || first === '-V' ? `${readVersion()}\n` : undefined;
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { readonly version: string }).version;
}

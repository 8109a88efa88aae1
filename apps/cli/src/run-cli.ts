import { readFileSync } from 'node:fs';
import type { CliContext } from './context.ts';

/** Runs one command line. @returns the exit code; everything else went to the streams of the context. */
export async function runCli(context: CliContext): Promise<number> {
  const version = readVersion();
  const [first, ...rest] = context.arguments;
  // Scripts ask for the version often: the answer needs no parser.
  if (rest.length === 0 && (first === '--version' || first === '-V')) {
    context.stdout.write(`${version}\n`);
    return 0;
  }
  const { runCommandLine } = await import('./run-command-line.ts');
  return runCommandLine(context, version);
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { readonly version: string }).version;
}

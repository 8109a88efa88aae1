import { createKey } from '@hostler/auth';
import { parseConfig } from '@hostler/config/text';
import type { JsonObject } from '@hostler/kernel';
import type { Cli } from '../../cli.ts';
import { cliErrors } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';
import { problemsOf } from '../../problems.ts';
import { expiryFrom } from './expiry.ts';

export interface CreateFlags {
  /** As typed. */
  readonly expires?: string;
}

/**
 * `hostler keys create [consumer]`: the key goes to standard output, once, and is kept nowhere. What the configuration needs,
 * which is its hash, goes to standard error.
 */
export function runKeysCreate(cli: Cli, consumer: string | undefined, flags: CreateFlags): number {
  const { context, output } = cli;
  const expires = flags.expires === undefined ? undefined : expiryFrom(flags.expires, Date.now());
  const { key, hash } = createKey();
  const entry = { hash, ...(expires !== undefined && { expires }) };
  if (consumer !== undefined) checkName(consumer, entry);
  if (output.isJson) {
    output.json({ ...(consumer !== undefined && { consumer }), key, ...entry });
    return exitCodes.OK;
  }
  // Into a pipe byte for byte, so that it can go into a store of secrets.
  context.stdout.write(output.isTerminal ? `${key}\n` : key);
  output.note(output.paintNote('dim', ABOUT));
  // Also when nothing but results is wanted: without the hash the key is good for nothing.
  for (const line of yamlLines(consumer, entry)) output.warn(line);
  return exitCodes.OK;
}

const ABOUT = 'This is the only time the key is shown. The configuration needs its hash, which is no secret:';

function yamlLines(consumer: string | undefined, { hash, expires }: { hash: string; expires?: string }): string[] {
  const key = [`- hash: ${hash}`, ...(expires === undefined ? [] : [`  expires: '${expires}'`])];
  if (consumer === undefined) return key;
  // Names that YAML would take for a number or a word of its own.
  const name = /^\d|^(?:true|false|null|yes|no|on|off|y|n)$/i.test(consumer) ? `'${consumer}'` : consumer;
  return ['consumers:', `  ${name}:`, '    keys:', ...key.map((line) => `      ${line}`)];
}

/** @throws CLI_USAGE for a name that no consumer can have */
function checkName(name: string, entry: JsonObject): void {
  try {
    parseConfig(JSON.stringify({ servers: {}, consumers: { [name]: { keys: [entry] } } }), '/hostler.json');
  } catch (error) {
    const [problem] = problemsOf(error) ?? [];
    if (problem === undefined) throw error;
    throw cliErrors.USAGE({
      details: { problem: `No consumer can have this name: ${problem.message}.` },
      cause: error,
    });
  }
}

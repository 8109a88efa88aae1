import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { splitPairs } from '../arguments.ts';
import type { ActingFlags } from '../acting-consumer.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { withHost } from '../host-session.ts';
import { listAll, textOf } from '../lists.ts';
import { contentLines } from '../text/content.ts';
import { printableLine } from '../text/printable.ts';
import { findNamed } from './find-named.ts';
import { printListing } from './print-listing.ts';

export interface PromptsOptions extends ActingFlags {
  readonly server?: string;
}

export interface PromptOptions extends PromptsOptions {
  readonly arg?: readonly string[];
}

/** `hostler prompts`: what the servers offer. */
export async function runPrompts(cli: Cli, { server, as, bundle }: PromptsOptions): Promise<number> {
  return withHost(cli, { server, as, bundle }, async (session) => {
    const entries = await listAll(session, 'prompts/list');
    return printListing(cli, session, [{ kind: 'prompts', entries, key: 'name' }]);
  });
}

/** `hostler prompts get <name>`: the messages of one prompt. Its arguments are text (MCP specification, server/prompts). */
export async function runPromptsGet(
  cli: Cli,
  name: string,
  { server, as, bundle, arg = [] }: PromptOptions,
): Promise<number> {
  const given = Object.fromEntries(splitPairs(arg));
  return withHost(cli, { server, as, bundle, publicName: name }, async (session) => {
    await findNamed(session, { kind: 'prompt', method: 'prompts/list', name });
    const result = await session.request('prompts/get', { name, arguments: given });
    printPrompt(cli, result);
    return exitCodes.OK;
  });
}

function printPrompt({ output }: Cli, result: JsonObject): void {
  if (output.isJson) return output.json(result);
  const messages = Array.isArray(result['messages']) ? result['messages'] : [];
  for (const message of messages) {
    if (!isJsonObject(message)) continue;
    output.print(output.paint('bold', `${printableLine(textOf(message, 'role'))}:`));
    for (const line of contentLines(message['content'])) output.print(line);
  }
  return undefined;
}

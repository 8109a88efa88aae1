import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { withHost } from '../host-session.ts';
import { listAll, textOf } from '../lists.ts';
import { printable, printableLine } from '../text/printable.ts';
import { findNamed } from './find-named.ts';
import { printListing } from './print-listing.ts';

export interface ToolsOptions {
  readonly server?: string;
}

/** `hostler tools [tool]`: what the servers offer, or everything about one tool. */
export async function runTools(cli: Cli, name: string | undefined, { server }: ToolsOptions): Promise<number> {
  return withHost(cli, { server, ...(name !== undefined && { publicName: name }) }, async (session) => {
    const tools = await listAll(session, 'tools/list');
    if (name === undefined) return printListing(cli, session, [{ kind: 'tools', entries: tools, key: 'name' }]);
    printTool(cli, findNamed(tools, 'tool', name));
    return exitCodes.OK;
  });
}

function printTool({ output }: Cli, tool: JsonObject): void {
  if (output.isJson) return output.json(tool);
  output.print(output.paint('bold', printableLine(textOf(tool, 'name'))));
  const description = printable(textOf(tool, 'description'));
  if (description !== '') output.print(description);
  const schema = isJsonObject(tool['inputSchema']) ? tool['inputSchema'] : {};
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  for (const [key, property] of Object.entries(properties)) {
    output.print(`  ${argumentLine(key, isJsonObject(property) ? property : {}, required.includes(key))}`);
  }
  return undefined;
}

function argumentLine(key: string, property: JsonObject, isRequired: boolean): string {
  const type = Array.isArray(property['type']) ? property['type'].join(' or ') : textOf(property, 'type') || 'any';
  const facts = isRequired ? `${type}, required` : type;
  return printableLine(`--arg ${key}=…  (${facts}) ${textOf(property, 'description')}`);
}

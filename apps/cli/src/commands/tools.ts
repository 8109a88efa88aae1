import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import type { ActingFlags } from '../acting-consumer.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { withHost } from '../host-session.ts';
import { listAll, textOf } from '../lists.ts';
import { printable, printableLine } from '../text/printable.ts';
import { wrap } from '../text/wrap.ts';
import { findNamed } from './find-named.ts';
import { printListing } from './print-listing.ts';

export interface ToolsOptions extends ActingFlags {
  readonly server?: string;
}

/** `hostler tools [tool]`: what the servers offer, or everything about one tool. */
export async function runTools(
  cli: Cli,
  name: string | undefined,
  { server, as, bundle }: ToolsOptions,
): Promise<number> {
  return withHost(cli, { server, as, bundle, ...(name !== undefined && { publicName: name }) }, async (session) => {
    if (name !== undefined) {
      printTool(cli, await findNamed(session, { kind: 'tool', method: 'tools/list', name }));
      return exitCodes.OK;
    }
    const entries = await listAll(session, 'tools/list');
    return printListing(cli, session, [{ kind: 'tools', entries, key: 'name' }]);
  });
}

function printTool({ output }: Cli, tool: JsonObject): void {
  if (output.isJson) return output.json(tool);
  output.print(output.paint('bold', printableLine(textOf(tool, 'name'))));
  const description = printable(textOf(tool, 'description'));
  if (description !== '') for (const line of wrap(description, output.width)) output.print(line);
  const schema = isJsonObject(tool['inputSchema']) ? tool['inputSchema'] : {};
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  for (const [key, property] of Object.entries(properties)) {
    const about = argumentLine(key, isJsonObject(property) ? property : {}, required.includes(key));
    for (const line of wrap(`  ${about}`, output.width, '    ')) output.print(line);
  }
  return undefined;
}

function argumentLine(key: string, property: JsonObject, isRequired: boolean): string {
  const type = Array.isArray(property['type']) ? property['type'].join(' or ') : textOf(property, 'type') || 'any';
  const facts = isRequired ? `${type}, required` : type;
  return printableLine(`--arg ${key}=…  (${facts}) ${textOf(property, 'description')}`);
}

import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import type { ActingFlags } from '../acting-consumer.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { requireOwnerUp, withHost } from '../host-session.ts';
import { listAll } from '../lists.ts';
import { resourceLines } from '../text/content.ts';
import { printListing } from './print-listing.ts';

export interface ResourcesOptions extends ActingFlags {
  readonly server?: string;
}

/** `hostler resources`: resources and templates of the servers. */
export async function runResources(cli: Cli, { server, as, bundle }: ResourcesOptions): Promise<number> {
  return withHost(cli, { server, as, bundle }, async (session) => {
    const resources = await listAll(session, 'resources/list');
    const templates = await listAll(session, 'resources/templates/list');
    return printListing(cli, session, [
      { kind: 'resources', entries: resources, key: 'uri' },
      { kind: 'templates', entries: templates, key: 'uriTemplate' },
    ]);
  });
}

/** `hostler resources read <uri>`: text is made safe for a terminal; a single binary goes out as it is, but not to one. */
export async function runResourcesRead(
  cli: Cli,
  uri: string,
  { server, as, bundle }: ResourcesOptions,
): Promise<number> {
  return withHost(cli, { server, as, bundle }, async (session) => {
    requireOwnerUp(session.states, uri);
    const result = await session.request('resources/read', { uri });
    printContents(cli, result);
    return exitCodes.OK;
  });
}

function printContents({ output }: Cli, result: JsonObject): void {
  if (output.isJson) return output.json(result);
  const contents = Array.isArray(result['contents']) ? result['contents'].filter(isJsonObject) : [];
  const [only] = contents;
  if (!output.isTerminal && contents.length === 1 && typeof only?.['blob'] === 'string') {
    return output.raw(Buffer.from(only['blob'], 'base64'));
  }
  for (const resource of contents) for (const line of resourceLines(resource)) output.print(line);
  return undefined;
}

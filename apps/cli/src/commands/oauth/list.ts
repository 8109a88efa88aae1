import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import type { Cli } from '../../cli.ts';
import { exitCodes } from '../../exit-codes.ts';
import { textOf } from '../../lists.ts';
import { withClient } from '../../rest-client.ts';
import type { RestClient, RestTarget } from '../../rest-client.ts';
import { printableLine } from '../../text/printable.ts';
import { renderTable } from '../../text/table.ts';

/** What of an id is shown to people; enough to tell grants apart. */
const SHOWN = 12;

/** `hostler oauth list`: who has agreed that the running host uses which server for them. */
export function runOAuthList(cli: Cli, target: RestTarget): Promise<number> {
  return withClient(cli, target, async (client) => {
    const grants = await grantsOf(client);
    if (cli.output.isJson) cli.output.json({ grants });
    else print(cli, grants);
    return exitCodes.OK;
  });
}

export async function grantsOf(client: RestClient): Promise<JsonObject[]> {
  const { grants } = await client.request('GET', '/v1/oauth/grants');
  return Array.isArray(grants) ? grants.filter(isJsonObject) : [];
}

function print({ output }: Pick<Cli, 'output'>, grants: readonly JsonObject[]): void {
  if (grants.length === 0) return output.note('Nobody has agreed to anything.');
  const rows = grants.map((grant) =>
    [
      textOf(grant, 'id').slice(0, SHOWN),
      textOf(grant, 'server'),
      textOf(grant, 'consumer'),
      textOf(grant, 'subject'),
      textOf(grant, 'obtainedAt').slice(0, 16).replace('T', ' '),
      textOf(grant, 'issuer'),
    ].map(printableLine),
  );
  const columns = ['ID', 'SERVER', 'CONSUMER', 'USER', 'SINCE (UTC)', 'ISSUER'].map((title, index) => ({
    title,
    ...(index === 5 && { shrinks: true }),
  }));
  const paint = (cell: string, { row }: { readonly row: number }): string =>
    row === -1 ? output.paint('dim', cell) : cell;
  for (const line of renderTable({ columns, rows, width: output.width, paint })) output.print(line);
  return undefined;
}

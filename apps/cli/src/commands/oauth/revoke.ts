import type { JsonObject } from '@hostler/kernel';
import type { Cli } from '../../cli.ts';
import { cliErrors } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';
import { textOf } from '../../lists.ts';
import { withClient } from '../../rest-client.ts';
import type { RestTarget } from '../../rest-client.ts';
import { printableLine } from '../../text/printable.ts';
import { grantsOf } from './list.ts';

/** `hostler oauth revoke`: the running host forgets tokens of users. Nothing is forgotten unless all are there. */
export function runOAuthRevoke(cli: Cli, ids: readonly string[], target: RestTarget): Promise<number> {
  return withClient(cli, target, async (client) => {
    const grants = await grantsOf(client);
    const revoked = [...new Set(ids.map((id) => findGrant(grants, id)))];
    for (const grant of revoked) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that it is known which ones are gone
      await client.request('DELETE', `/v1/oauth/grants/${encodeURIComponent(textOf(grant, 'id'))}`);
      const who = [textOf(grant, 'subject'), textOf(grant, 'consumer')].find((each) => each !== '') ?? '';
      if (!cli.output.isJson) {
        cli.output.print(`revoked: ${printableLine(textOf(grant, 'server'))} for ${printableLine(who)}`);
      }
    }
    if (cli.output.isJson) cli.output.json({ revoked });
    return exitCodes.OK;
  });
}

/** @throws CLI_NOT_FOUND, CLI_USAGE */
function findGrant(grants: readonly JsonObject[], id: string): JsonObject {
  const [found, ...others] = grants.filter((grant) => id !== '' && textOf(grant, 'id').startsWith(id.toLowerCase()));
  if (found !== undefined && others.length === 0) return found;
  const name = printableLine(id);
  if (found === undefined) throw cliErrors.NOT_FOUND({ details: { kind: 'grant', name, hint: '' } });
  throw cliErrors.USAGE({ details: { problem: `there is more than one grant whose id begins with ${name}` } });
}

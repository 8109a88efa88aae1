import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import type { Cli } from '../../cli.ts';
import { exitCodes } from '../../exit-codes.ts';
import { textOf } from '../../lists.ts';
import type { Output } from '../../output.ts';
import { withClient } from '../../rest-client.ts';
import type { RestTarget } from '../../rest-client.ts';
import { printableLine } from '../../text/printable.ts';

/** `hostler secrets rotate`: the running host reads secrets again and gives what changed to the servers. */
export function runSecretsRotate(cli: Cli, references: readonly string[], target: RestTarget): Promise<number> {
  return withClient(cli, target, async (client) => {
    const body: JsonObject = references.length > 0 ? { references: [...references] } : {};
    const report = await client.request('POST', '/v1/secrets/rotate', body);
    const failed = entriesOf(report['failed']);
    const servers = entriesOf(report['servers']);
    if (cli.output.isJson) cli.output.json(report);
    else printReport(cli.output, { changed: textsOf(report['changed']), failed, servers });
    const isOk = failed.length === 0 && servers.every((server) => textOf(server, 'outcome') !== 'kept');
    return isOk ? exitCodes.OK : exitCodes.SERVER_DOWN;
  });
}

interface Report {
  readonly changed: readonly string[];
  readonly failed: readonly JsonObject[];
  readonly servers: readonly JsonObject[];
}

const OUTCOMES: Readonly<Record<string, string>> = {
  renewed: 'has the new value',
  restarted: 'was started anew with the new value',
  kept: 'runs on with the old value',
};

function printReport(output: Output, { changed, failed, servers }: Report): void {
  for (const reference of changed) output.print(`${output.paint('green', 'changed')} ${reference}`);
  if (changed.length === 0 && failed.length === 0) output.print('No secret has changed.');
  for (const server of servers) {
    const outcome = textOf(server, 'outcome');
    const name = printableLine(textOf(server, 'name'));
    output.print(`${name} ${OUTCOMES[outcome] ?? printableLine(outcome)}${whyOf(server)}`);
  }
  for (const secret of failed) {
    output.print(`${output.paint('red', 'failed')} ${printableLine(textOf(secret, 'reference'))}${whyOf(secret)}`);
  }
}

function whyOf(entry: JsonObject): string {
  const problem = printableLine(textOf(entry, 'problem'));
  const code = printableLine(textOf(entry, 'code'));
  return problem === '' ? '' : `: ${problem}${code === '' ? '' : ` (${code})`}`;
}

function entriesOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string').map(printableLine) : [];
}

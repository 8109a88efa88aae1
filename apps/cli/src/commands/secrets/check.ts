import { listenForStop } from '@hostler/api/stop-signals';
import type { SecretRow } from '@hostler/runtime';
import type { Cli } from '../../cli.ts';
import { exitCodes } from '../../exit-codes.ts';
import { openRuntime, orInterrupted, unwatched } from '../../host-session.ts';
import { loadPlan } from '../../load-plan.ts';
import type { Output } from '../../output.ts';
import { describeAge } from '../../text/age.ts';
import { printableLine } from '../../text/printable.ts';
import { renderTable } from '../../text/table.ts';
import { printChecks } from '../print-checks.ts';
import { checkReferences } from './check-references.ts';

/** `hostler secrets check`: reads every secret of the configuration, and shows how that went; no value, no server. */
export async function runSecretsCheck(cli: Cli, named: string | undefined): Promise<number> {
  const { output } = cli;
  const { plan } = await loadPlan(cli, named);
  const requests = listenForStop(cli.context.signals);
  try {
    const runtime = await openRuntime(cli, unwatched(plan), { level: 'error' });
    try {
      const rows = await orInterrupted(runtime.secrets.check(requests.stop), requests.stop);
      const checks = checkReferences(plan, rows);
      const isOk = checks.every(({ status }) => status !== 'failed');
      if (output.isJson) output.json({ ok: isOk, secrets: rows });
      else if (rows.length === 0) output.note('The configuration uses no secrets.');
      else {
        printRows(output, rows);
        printChecks(output, checks);
      }
      return isOk ? exitCodes.OK : exitCodes.SERVER_DOWN;
    } finally {
      await runtime.close();
    }
  } finally {
    requests.release();
  }
}

function printRows(output: Output, rows: readonly SecretRow[]): void {
  const lines = renderTable({
    columns: [
      { title: 'SECRET' },
      { title: 'PROVIDER' },
      { title: 'VERSION' },
      { title: 'AGE', align: 'right' },
      { title: 'USED BY', shrinks: true },
    ],
    rows: rows.map(({ reference, scheme, version, age, usedBy }) => [
      printableLine(reference),
      scheme,
      version === undefined ? '–' : printableLine(version),
      age === undefined ? '–' : describeAge(age),
      usedBy.join(', '),
    ]),
    width: output.width,
    paint: (cell, { row, column }) => {
      if (row === -1) return output.paint('dim', cell);
      if (column !== 0) return cell;
      return output.paint(rows[row]?.problem === undefined ? 'green' : 'red', cell);
    },
  });
  for (const line of lines) output.print(line);
}

import type { HostPlan } from '@hostler/config';
import { isJsonObject } from '@hostler/kernel';
import type { SecretRow } from '@hostler/runtime';
import { mendOf } from '../../mends.ts';
import { printableLine } from '../../text/printable.ts';
import type { Check } from '../check.ts';

/** The name of what is said of a secret. */
const KIND = 'secret';

export function isUnreadableSecret({ name, status }: Check): boolean {
  return status === 'failed' && name.startsWith(`${KIND} `);
}

/** One line for all that can be read. */
export function summarizeReferences(rows: readonly SecretRow[]): Check[] {
  const count = rows.filter(({ problem }) => problem === undefined).length;
  return count === 0 ? [] : [{ name: 'secrets', status: 'ok', message: `${count} of ${rows.length} can be read` }];
}

/** What there is to say of each reference that cannot be read, or of which the value is not as it should be. */
export function checkReferences(plan: HostPlan, rows: readonly SecretRow[]): Check[] {
  return rows.flatMap((row) => [...checkReading(plan, row), ...checkStrength(row)]);
}

function checkReading(plan: HostPlan, { reference, usedBy, problem, code, stale }: SecretRow): Check[] {
  if (problem === undefined) return [];
  const isOptional = countOptional(plan.servers, reference) === usedBy.length;
  const mend = mendOf({ problem, ...(code !== undefined && { problemCode: code }) }, { isOptional });
  const users = usedBy.length === 0 ? undefined : `Used by ${usedBy.join(', ')}.`;
  const lines = [mend, users].filter((line) => line !== undefined);
  return [
    {
      name: `${KIND} ${printableLine(reference)}`,
      status: isOptional || stale ? 'warning' : 'failed',
      message: `${printableLine(problem)}${code === undefined ? '' : ` (${code})`}`,
      ...(lines.length > 0 && { mend: lines.join('\n') }),
    },
  ];
}

function checkStrength({ reference, weak }: SecretRow): Check[] {
  if (!weak) return [];
  const message = 'its value is shorter than 8 characters, too short to be masked where it does not belong';
  return [{ name: `${KIND} ${printableLine(reference)}`, status: 'warning', message, mend: 'Use a longer one.' }];
}

/** Uses of a reference that can do without it. */
function countOptional(settings: unknown, reference: string): number {
  if (Array.isArray(settings)) return sum(settings, reference);
  if (!isJsonObject(settings)) return 0;
  if (settings['secret'] === reference) return settings['optional'] === true ? 1 : 0;
  return sum(Object.values(settings), reference);
}

function sum(settings: readonly unknown[], reference: string): number {
  return settings.reduce<number>((total, inner) => total + countOptional(inner, reference), 0);
}

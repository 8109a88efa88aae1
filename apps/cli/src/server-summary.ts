import { isHostlerError } from '@hostler/kernel';
import type { UpstreamState } from '@hostler/upstream';
import type { HostSession } from './host-session.ts';
import type { LastWords } from './last-words.ts';
import { listAll } from './lists.ts';
import type { ListMethod } from './lists.ts';
import { mendOf } from './mends.ts';
import { printableLine } from './text/printable.ts';
import { renderTable } from './text/table.ts';
import { wrap } from './text/wrap.ts';
import type { Output } from './output.ts';

/** A server as the table and `--json` show it. */
export interface ServerSummary {
  readonly name: string;
  readonly status: UpstreamState['status'];
  readonly era?: string;
  readonly tools?: number;
  readonly prompts?: number;
  readonly resources?: number;
  readonly startedIn?: number;
  readonly problem?: string;
  readonly problemCode?: string;
  /** Its credentials are each caller's own: what it offers is known to those alone. */
  readonly isPersonal?: boolean;
}

const COUNTED = [
  ['tools', 'tools/list'],
  ['prompts', 'prompts/list'],
  ['resources', 'resources/list'],
] as const satisfies readonly (readonly [keyof ServerSummary, ListMethod])[];

export type Counted = (typeof COUNTED)[number][0];

/** What each server offers, asked from itself. A list that cannot be had is a problem of that server alone. */
export function summarize(
  session: Pick<HostSession, 'request' | 'states'>,
  counted: readonly Counted[],
): Promise<ServerSummary[]> {
  return Promise.all(session.states.map((state) => summarizeServer(session, state, counted)));
}

async function summarizeServer(
  session: Pick<HostSession, 'request'>,
  state: UpstreamState,
  counted: readonly Counted[],
): Promise<ServerSummary> {
  const { name, status, server, startedIn, problem, problemCode } = state;
  const facts: ServerSummary = {
    name,
    status,
    ...(server && { era: server.era }),
    ...(startedIn !== undefined && { startedIn: Math.round(startedIn) }),
    ...(problem !== undefined && { problem: printableLine(problem) }),
    ...(problemCode !== undefined && { problemCode }),
  };
  if (server === undefined) return facts;
  const counts: Partial<Record<Counted, number>> = {};
  try {
    for (const [key, method] of COUNTED) {
      if (!counted.includes(key) || server.capabilities[key] === undefined) continue;
      counts[key] = (await listAll(session, method, { kind: 'server', name })).length;
    }
  } catch (error) {
    if (isHostlerError(error) && error.code === 'SECRET_CLAIM_REFUSED') return { ...facts, isPersonal: true };
    return { ...facts, ...counts, problem: `Its lists cannot be read: ${messageOf(error)}` };
  }
  return { ...facts, ...counts };
}

function messageOf(error: unknown): string {
  return printableLine(error instanceof Error ? error.message : String(error));
}

/** The table of servers. */
export function printSummaries(output: Output, summaries: readonly ServerSummary[], counted: readonly Counted[]): void {
  const rows = summaries.map((summary) => [
    summary.name,
    summary.status,
    summary.era ?? '–',
    ...counted.map((key) => shown(summary, summary[key])),
    shown(summary, summary.startedIn),
  ]);
  const lines = renderTable({
    columns: [
      { title: 'SERVER', shrinks: true },
      { title: 'STATE' },
      { title: 'ERA' },
      ...counted.map((key) => ({ title: key.toUpperCase(), align: 'right' as const })),
      { title: 'MS', align: 'right' },
    ],
    rows,
    width: output.width,
    paint: (cell, { row, column }) => {
      if (row === -1) return output.paint('dim', cell);
      if (column === 1) return output.paint(summaries[row]?.status === 'up' ? 'green' : 'red', cell);
      return column === 0 ? output.paint('bold', cell) : cell;
    },
  });
  for (const line of lines) output.print(line);
}

/** What is the matter with each server that is not as it should be, what it said last, and what to do. */
export function printProblems(output: Output, summaries: readonly ServerSummary[], lastWords: LastWords): void {
  for (const summary of summaries) {
    const { name, status, problem } = summary;
    if (problem === undefined) continue;
    const [first = '', ...rest] = wrap(`${name}: ${problem}`, output.width - 2);
    output.print(`${output.paint('red', status === 'up' ? '!' : '✗')} ${first}`);
    const mend = mendOf(summary);
    const said = lastWords.of(name).map((line) => `| ${line}`);
    for (const text of [...rest, ...said, ...(mend === undefined ? [] : [mend])]) {
      for (const line of wrap(text, output.width - 2)) output.print(`  ${line}`);
    }
  }
}

/** Nothing is known of a server that is not up; what an upstanding one lacks is none. */
function shown({ status, isPersonal }: ServerSummary, count: number | undefined): string {
  return count === undefined ? (status === 'up' && isPersonal !== true ? '0' : '–') : String(count);
}

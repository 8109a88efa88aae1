import type { JsonObject } from '@hostler/kernel';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { problemOf } from '../host-session.ts';
import type { HostSession } from '../host-session.ts';
import { textOf } from '../lists.ts';
import { printableLine } from '../text/printable.ts';
import { renderTable } from '../text/table.ts';

export interface Listing {
  readonly kind: string;
  readonly entries: readonly JsonObject[];
  /** The member that names an entry. */
  readonly key: 'name' | 'uri' | 'uriTemplate';
}

/** Prints what was listed and what is missing from it. @returns 3 when not one server was there to ask. */
export function printListing({ output }: Cli, session: HostSession, listings: readonly Listing[]): number {
  const { states } = session;
  const missing = states
    .filter(({ status }) => status !== 'up')
    .map((state) => ({ server: state.name, status: state.status, problem: problemOf(state) }));
  if (output.isJson) {
    output.json({ ...Object.fromEntries(listings.map(({ kind, entries }) => [kind, entries])), missing });
  } else {
    // That there is none is not known while somebody could not be asked.
    const listed = missing.length === 0 ? listings : listings.filter(({ entries }) => entries.length > 0);
    for (const listing of listed) printTable({ output }, listing);
    const kinds = listings.map(({ kind }) => kind).join(' and ');
    for (const { server, problem } of missing) {
      output.warn(`${output.paintNote('yellow', 'missing')} the ${kinds} of ${server}: ${problem}`);
    }
  }
  return states.length > 0 && missing.length === states.length ? exitCodes.SERVER_DOWN : exitCodes.OK;
}

function printTable({ output }: Pick<Cli, 'output'>, { kind, entries, key }: Listing): void {
  if (entries.length === 0) return output.note(`No ${kind}.`);
  const rows = entries.map((entry) => {
    const about =
      textOf(entry, 'description') || textOf(entry, 'title') || (key === 'name' ? '' : textOf(entry, 'name'));
    return [printableLine(textOf(entry, key)), printableLine(about)];
  });
  const titles = { name: 'NAME', uri: 'URI', uriTemplate: 'URI TEMPLATE' };
  const lines = renderTable({
    columns: [{ title: titles[key] }, { title: 'DESCRIPTION', shrinks: true }],
    rows,
    width: output.width,
    paint: (cell, { row, column }) => {
      if (row === -1) return output.paint('dim', cell);
      return column === 0 ? output.paint('bold', cell) : cell;
    },
  });
  for (const line of lines) output.print(line);
  return undefined;
}

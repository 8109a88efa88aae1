import type { Audit } from '@hostler/audit';

/** Names that are written into one record, and their length: servers choose them. */
const MOST_NAMED = 20;
const LONGEST_NAME = 256;

/** Writes down in what a server is not as it was approved, and that it is so again. */
export function noteDrift(audit: Pick<Audit, 'note'>): (server: string, drift: readonly string[]) => void {
  return (server, drift) => {
    if (drift.length === 0) return audit.note('drift-ended', { server });
    const named = drift.slice(0, MOST_NAMED).map((name) => name.slice(0, LONGEST_NAME));
    return audit.note('drift', { server, drift: named, differences: drift.length });
  };
}

import { isJsonObject } from '@hostler/kernel';
import { printableLine } from '../text/printable.ts';

/** The last lines that each server wrote to its standard error, out of the host's log. */
export interface LastWords {
  /** A line of the log. */
  readonly read: (line: string) => void;
  of(server: string): readonly string[];
}

const KEPT = 5;

export function createLastWords(): LastWords {
  const words = new Map<string, string[]>();
  return {
    read(line) {
      const record: unknown = parse(line);
      if (!isJsonObject(record)) return;
      const { server, stderr } = record;
      if (typeof server !== 'string' || typeof stderr !== 'string') return;
      const kept = words.get(server) ?? [];
      const said = printableLine(stderr);
      // A server that is started again says the same again.
      if (said === '' || kept.includes(said)) return;
      kept.push(said);
      words.set(server, kept.slice(-KEPT));
    },
    of: (server) => words.get(server) ?? [],
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // A line that is none of the log's own has no server.
    return undefined;
  }
}

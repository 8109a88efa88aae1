import type { JsonObject } from '@hostler/kernel';
import { parseLogRecord } from './text/log-record.ts';
import { printableLine } from './text/printable.ts';

/** The last lines that each server wrote, out of the host's log: they say why it died. */
export interface LastWords {
  /** A line of the log. */
  readonly read: (line: string) => void;
  of(server: string): readonly string[];
}

const KEPT = 5;

export function createLastWords(): LastWords {
  const words = new Map<string, readonly string[]>();
  return {
    read(line) {
      const record = parseLogRecord(line);
      if (typeof record?.['server'] !== 'string') return;
      const { server } = record;
      for (const said of saidIn(record)) {
        const kept = words.get(server) ?? [];
        // A server that is started again says the same again.
        if (isTelling(said) && !kept.includes(said)) words.set(server, [...kept, said].slice(-KEPT));
      }
    },
    of: (server) => words.get(server) ?? [],
  };
}

/** One line of standard error, the last ones of it, or a line of standard output that was no message. */
function saidIn({ stderr, sample }: JsonObject): string[] {
  if (typeof sample === 'string') return [`${printableLine(sample)} (on standard output, where only messages belong)`];
  const lines = Array.isArray(stderr) ? stderr : [stderr];
  return lines.filter((line) => typeof line === 'string').map(printableLine);
}

/** Stack frames and lone brackets push the message that explains them out of sight. */
function isTelling(line: string): boolean {
  return (
    /\p{Letter}/u.test(line) && !/^at .+:\d+:\d+|^at .*\((?:native|<anonymous>)\)|^node:internal\/|^throw /.test(line)
  );
}

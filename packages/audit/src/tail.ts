import { stat } from 'node:fs/promises';
import { readLines } from './read-lines.ts';
import { readLine } from './read-record.ts';
import type { FoundRecord } from './search.ts';
import { createFilter } from './search.ts';
import type { AuditFilter } from './search.ts';
import { listSegments } from './segment-files.ts';

export interface FollowOptions {
  readonly filter: AuditFilter;
  /** Waits a moment. False: that is enough. */
  readonly wait: () => Promise<boolean>;
}

/** The newest records of a folder, the oldest of them first. Reads no more segments than it needs. */
export async function lastRecords(
  directory: string,
  filter: AuditFilter,
  count: number,
): Promise<readonly FoundRecord[]> {
  const segments = await listSegments(directory);
  const fits = createFilter(filter);
  const found: FoundRecord[] = [];
  for (const shard of new Set(segments.map((segment) => segment.shard))) {
    let newest: FoundRecord[] = [];
    for (const { path } of segments.filter((segment) => segment.shard === shard).toReversed()) {
      const own: FoundRecord[] = [];
      // oxlint-disable-next-line no-await-in-loop -- from the newest on, until there are enough
      for await (const { text } of readLines(path)) {
        const read = readLine(text);
        if (read === undefined || !fits(read.record)) continue;
        own.push({ record: read.record, line: text });
        if (own.length > count) own.shift();
      }
      newest = [...own, ...newest].slice(-count);
      if (newest.length >= count) break;
    }
    found.push(...newest);
  }
  return found.toSorted((one, other) => one.record.time.localeCompare(other.record.time)).slice(-count);
}

/** What is written from now on, as it is written. */
export async function* followAudit(directory: string, { filter, wait }: FollowOptions): AsyncGenerator<FoundRecord> {
  const fits = createFilter(filter);
  const read = new Map<string, number>();
  for (const { path } of await listSegments(directory)) {
    // oxlint-disable-next-line no-await-in-loop -- few, and once
    read.set(path, (await stat(path)).size);
  }
  // oxlint-disable-next-line no-await-in-loop -- as long as somebody wants to know
  while (await wait()) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    for (const { path } of await listSegments(directory)) {
      const start = read.get(path) ?? 0;
      // oxlint-disable-next-line no-await-in-loop -- as above
      for await (const { text, end, isWhole } of readLines(path, { start })) {
        if (!isWhole) continue;
        read.set(path, end);
        const line = readLine(text);
        if (line !== undefined && fits(line.record)) yield { record: line.record, line: text };
      }
    }
  }
}

import { stat } from 'node:fs/promises';
import { readLines } from './read-lines.ts';
import { readLine } from './read-record.ts';
import type { AuditRecord } from './record.ts';
import { listSegments } from './segment-files.ts';

/** What is wanted; what is absent, everything fits. */
export interface AuditFilter {
  readonly consumer?: string;
  readonly server?: string;
  /** Of a tool, prompt or resource; `*` stands for any characters. */
  readonly name?: string;
  readonly kind?: string;
  /** `ok`, `failed`, `refused`, `cancelled`, or a code. */
  readonly outcome?: string;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
}

export interface FoundRecord {
  readonly record: AuditRecord;
  /** As it stands in the file. */
  readonly line: string;
}

/** The records of a folder, or of a file, in the order of their chains. What cannot be read is left out: see `verifyAudit`. */
export async function* searchAudit(
  path: string,
  filter: AuditFilter,
  signal?: AbortSignal,
): AsyncGenerator<FoundRecord> {
  const fits = createFilter(filter);
  for (const file of await auditFiles(path)) {
    // oxlint-disable-next-line no-await-in-loop -- one line after the other
    for await (const { text } of readLines(file, { signal })) {
      const read = readLine(text);
      if (read !== undefined && fits(read.record)) yield { record: read.record, line: text };
    }
  }
}

export async function auditFiles(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  return (await listSegments(path)).map((segment) => segment.path);
}

type Test = (record: AuditRecord) => boolean;

export function createFilter({ consumer, server, kind, name, outcome, since, until }: AuditFilter): Test {
  const named = name === undefined ? undefined : toPattern(name);
  const tests: readonly (Test | undefined)[] = [
    consumer === undefined ? undefined : (record) => record['consumer'] === consumer,
    server === undefined ? undefined : (record) => record['server'] === server,
    kind === undefined ? undefined : (record) => record.kind === kind,
    named && (({ name: own }) => typeof own === 'string' && named.test(own)),
    outcome === undefined ? undefined : ({ result, code }) => result === outcome || code === outcome,
    since === undefined ? undefined : ({ time }) => Date.parse(time) >= since,
    until === undefined ? undefined : ({ time }) => Date.parse(time) < until,
  ];
  const wanted = tests.filter((test) => test !== undefined);
  return (record) => wanted.every((test) => test(record));
}

function toPattern(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

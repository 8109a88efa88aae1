import { stat } from 'node:fs/promises';
import { ChainCheck } from './chain-check.ts';
import type { Finding, Verified } from './chain-check.ts';
import type { ChainPosition } from './record.ts';
import { readLines } from './read-lines.ts';
import { listSegments } from './segment-files.ts';
import type { SegmentFile } from './segment-files.ts';
import { isShardTaken } from './shard-lock.ts';

export interface VerifyOptions {
  /**
   * The key that must have signed, in base64url or as its fingerprint, or those of which one must have where it was replaced; absent: the one
   * that the record names itself.
   */
  readonly key?: string | readonly string[];
  /** A record that must be there, by its number and hash: known from elsewhere. */
  readonly expected?: { readonly seq: number; readonly hash: string };
  /** How far each chain has come, as its host remembers. */
  readonly anchors?: ReadonlyMap<string, ChainPosition>;
  readonly signal?: AbortSignal;
}

export interface VerifyReport {
  /** Nothing was altered, is missing or is not the host's. */
  readonly isIntact: boolean;
  /** What is wrong, in the order of the files; the first hundred. */
  readonly problems: readonly Finding[];
  readonly chains: readonly (Verified & { readonly shard: number; readonly isBeingWritten: boolean })[];
}

const MOST_PROBLEMS = 100;

/** Checks a record, or a file of it, without the host that wrote it. @throws what the file system throws */
export async function verifyAudit(path: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const isFolder = (await stat(path)).isDirectory();
  const files = isFolder ? await listSegments(path) : [{ path, shard: 0, number: 0 }];
  const shards = [...new Set(files.map(({ shard }) => shard))];
  const problems: Finding[] = [];
  const chains: VerifyReport['chains'][number][] = [];
  let isExpectedThere = options.expected === undefined;
  for (const shard of shards) {
    const segments = files.filter((file) => file.shard === shard);
    // oxlint-disable-next-line no-await-in-loop -- one file at a time
    const isBeingWritten = isFolder && (await isShardTaken(path, shard));
    // oxlint-disable-next-line no-await-in-loop -- as above
    const check = await checkSegments(segments, { ...options, isFolder });
    const verified = check.finish(isBeingWritten);
    problems.push(...check.findings);
    isExpectedThere ||= check.sawExpected;
    chains.push({ ...verified, shard, isBeingWritten });
  }
  if (!isExpectedThere) {
    const { seq = 0 } = options.expected ?? {};
    const file = files.at(-1)?.path ?? path;
    problems.push({ file, line: 0, seq, problem: 'missing', detail: `record ${seq} with the given hash is nowhere` });
  }
  return { isIntact: problems.length === 0, problems: problems.slice(0, MOST_PROBLEMS), chains };
}

async function checkSegments(
  segments: readonly SegmentFile[],
  { key, expected, anchors, isFolder, signal }: VerifyOptions & { readonly isFolder: boolean },
): Promise<ChainCheck> {
  const check = new ChainCheck({ key, expected, anchors, isFolder });
  for (const { path, number } of segments) {
    check.beginFile(path, number);
    // oxlint-disable-next-line no-await-in-loop -- one line after the other
    for await (const line of readLines(path, { signal })) check.take(line);
  }
  return check;
}

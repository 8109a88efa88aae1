import { stat } from 'node:fs/promises';
import { ChainCheck } from './chain-check.ts';
import type { Finding, Verified } from './chain-check.ts';
import type { ChainPosition } from './record.ts';
import { readLines } from './read-lines.ts';
import { readLine } from './read-record.ts';
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
  const checked = isFolder ? await checkFolder(path, options) : await checkFile(path, options);
  const chains = checked.map(({ check, shard, isBeingWritten }) => ({
    ...check.finish(isBeingWritten),
    shard,
    isBeingWritten,
  }));
  const problems = checked.flatMap(({ check }) => check.findings);
  const { expected } = options;
  if (expected !== undefined && !checked.some(({ check }) => check.sawExpected)) {
    const { seq } = expected;
    const file = isFolder ? (await listSegments(path)).at(-1)?.path : undefined;
    const detail = `record ${seq} with the given hash is nowhere`;
    problems.push({ file: file ?? path, line: 0, seq, problem: 'missing', detail });
  }
  return { isIntact: problems.length === 0, problems: problems.slice(0, MOST_PROBLEMS), chains };
}

interface CheckedChain {
  readonly check: ChainCheck;
  readonly shard: number;
  readonly isBeingWritten: boolean;
}

async function checkFolder(path: string, options: VerifyOptions): Promise<readonly CheckedChain[]> {
  const files = await listSegments(path);
  const checked: CheckedChain[] = [];
  for (const shard of new Set(files.map((file) => file.shard))) {
    const segments = files.filter((file) => file.shard === shard);
    // oxlint-disable-next-line no-await-in-loop -- one file at a time
    const isBeingWritten = await isShardTaken(path, shard);
    // oxlint-disable-next-line no-await-in-loop -- as above
    checked.push({ check: await checkSegments(segments, options), shard, isBeingWritten });
  }
  return checked;
}

async function checkSegments(
  segments: readonly SegmentFile[],
  { key, expected, anchors, signal }: VerifyOptions,
): Promise<ChainCheck> {
  const check = new ChainCheck({ key, expected, anchors, isFolder: true });
  for (const { path, number } of segments) {
    check.beginFile(path, number);
    // oxlint-disable-next-line no-await-in-loop -- one line after the other
    for await (const line of readLines(path, { signal })) check.take(line);
  }
  return check;
}

/**
 * A file that was exported holds the chains of all processes, one after the other. A chain that comes back goes on where
 * it was: what is missing between shows.
 */
async function checkFile(
  path: string,
  { key, expected, anchors, signal }: VerifyOptions,
): Promise<readonly CheckedChain[]> {
  const begin = (): ChainCheck => {
    const check = new ChainCheck({ key, expected, anchors, isFolder: false });
    check.beginFile(path, 0);
    return check;
  };
  const first = begin();
  const byChain = new Map<string, ChainCheck>();
  let check = first;
  for await (const line of readLines(path, { signal })) {
    const chain = chainOf(line.text);
    // Lines before the first segment are of its chain: a file may begin anywhere.
    if (chain !== undefined) check = byChain.get(chain) ?? (byChain.size === 0 ? first : begin());
    if (chain !== undefined) byChain.set(chain, check);
    check.take(line);
  }
  const checks = new Set([first, ...byChain.values()]);
  return [...checks].map((one, shard) => ({ check: one, shard, isBeingWritten: false }));
}

/** Of a line that begins a segment: whose it is. */
function chainOf(text: string): string | undefined {
  const record = text.includes('"kind":"segment"') ? readLine(text)?.record : undefined;
  return record?.kind === 'segment' && typeof record['chain'] === 'string' ? record['chain'] : undefined;
}

import { randomUUID } from 'node:crypto';
import { open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';

/** The right to write one chain of a folder: no other process has it. */
export interface ShardLock {
  readonly shard: number;
  release(): Promise<void>;
}

/** As many processes may write into one folder at the same time. */
const MOST_SHARDS = 64;

/** Milliseconds after which a lock that names nobody was left by a process that ended just then. */
const OLDEST_UNNAMED = 2_000;

/** Takes the first chain that nobody writes. Undefined: there are too many writers. @throws what the file system throws */
export async function takeShard(directory: string): Promise<ShardLock | undefined> {
  for (let shard = 0; shard < MOST_SHARDS; shard += 1) {
    const path = lockPath(directory, shard);
    // oxlint-disable-next-line no-await-in-loop -- the first that is free
    if ((await take(path)) || ((await isLeftOver(path)) && (await clear(path)) && (await take(path)))) {
      return { shard, release: () => unlink(path).catch(() => undefined) };
    }
  }
  return undefined;
}

/** Whether a process writes this chain at the moment. */
export async function isShardTaken(directory: string, shard: number): Promise<boolean> {
  const path = lockPath(directory, shard);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere && !(await isLeftOver(path));
}

function lockPath(directory: string, shard: number): string {
  return join(directory, `audit-${shard}.lock`);
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      const owner = { host: hostname(), process: process.pid, started: await startOf(process.pid) };
      await file.writeFile(JSON.stringify(owner));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isLeftOver(path: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const owner = parse(text);
    if (!isJsonObject(owner)) return Date.now() - mtimeMs > OLDEST_UNNAMED;
    // The number of a process means something on its own machine only.
    if (owner['host'] !== hostname() || typeof owner['process'] !== 'number') return false;
    return !isRunning(owner['process']) || (await startOf(owner['process'])) !== owner['started'];
  } catch {
    // It has just been taken away.
    return false;
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** When a process began, where the system tells: another one may have its number by now. Source: proc(5), stat, field 22. */
async function startOf(id: number): Promise<string> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** By renaming, of which only one succeeds when several clear the same lock. */
async function clear(path: string): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    await unlink(aside);
    return true;
  } catch {
    return false;
  }
}

import { randomUUID } from 'node:crypto';
import { link as linkFile, open, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';

/** The right to write one chain of a folder: no other process has it. */
export interface ShardLock {
  readonly shard: number;
  release(): Promise<void>;
}

type Link = typeof linkFile;

/** As many processes may write into one folder at the same time. */
const MOST_SHARDS = 64;

/** Milliseconds after which a lock that names nobody was left by a process that ended just then. */
const OLDEST_UNNAMED = 2_000;

/** Takes the first chain that nobody writes. Undefined: there are too many writers. @throws what the file system throws */
export async function takeShard(directory: string, link: Link = linkFile): Promise<ShardLock | undefined> {
  for (let shard = 0; shard < MOST_SHARDS; shard += 1) {
    const path = lockPath(directory, shard);
    // oxlint-disable-next-line no-await-in-loop -- the first that is free
    const owner = await take(path, link);
    if (owner !== undefined) {
      // oxlint-disable-next-line no-await-in-loop -- once
      await deleteUnused(path);
      return { shard, release: () => release(path, owner) };
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

/** What stands in the lock now; undefined: somebody has it. It is written aside first, so that it is never there without its owner. */
async function take(path: string, link: Link): Promise<string | undefined> {
  const id = randomUUID();
  const owner = JSON.stringify({ host: hostname(), process: process.pid, started: await startOf(process.pid), id });
  const aside = `${path}.${id}.new`;
  try {
    await writeFile(aside, owner, { flag: 'wx', mode: 0o600 });
    const isPlaced = (await place(aside, path, link)) || (await replaceLeftOver(aside, path, link));
    return isPlaced ? owner : undefined;
  } finally {
    await unlink(aside).catch(() => undefined);
  }
}

/** Puts the lock into its place, if that is free. */
async function place(aside: string, path: string, link: Link): Promise<boolean> {
  try {
    await link(aside, path).catch(async (error: unknown) => {
      if (isTaken(error)) throw error;
      // A disk without hard links: they say so in many ways. Whatever else is wrong shows here too.
      await writeFile(path, await readFile(aside), { flag: 'wx', mode: 0o600 });
    });
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** The lock is there; or what waits aside is not, because who has the lock deleted it. */
function isTaken(error: unknown): boolean {
  return isFileError(error, 'EEXIST') || isFileError(error, 'ENOENT');
}

/** Puts the lock into the place of one that was left. Only one process at a time may, which is a lock as well. */
async function replaceLeftOver(aside: string, path: string, link: Link): Promise<boolean> {
  if (!(await isLeftOver(path))) return false;
  const right = `${path}.clear`;
  const owner = await take(right, link);
  if (owner === undefined) return false;
  try {
    // Another one may have done so meanwhile: then it is that one's.
    if (!(await isLeftOver(path))) return false;
    await rename(aside, path);
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  } finally {
    await release(right, owner);
  }
}

/** Only one's own: it may have been taken for left over, and be another's by now. */
async function release(path: string, owner: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === owner) await unlink(path).catch(() => undefined);
}

/** What processes wrote aside that then ended. One that still wants the lock does not get it: it is taken. */
async function deleteUnused(path: string): Promise<void> {
  const directory = dirname(path);
  const names = await readdir(directory).catch(() => []);
  const unused = names.filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith('.new'));
  await Promise.all(unused.map((name) => unlink(join(directory, name)).catch(() => undefined)));
}

async function isLeftOver(path: string): Promise<boolean> {
  try {
    await using file = await open(path, 'r');
    const [text, { mtimeMs }] = [await file.readFile('utf8'), await file.stat()];
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

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return !isFileError(error, 'ESRCH');
  }
}

/** When a process began, where the system tells: another one may have its number by now. Source: proc(5), stat, field 22. */
async function startOf(id: number): Promise<string> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

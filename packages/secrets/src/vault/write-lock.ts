import { randomUUID } from 'node:crypto';
import { link as linkFile, open, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isJsonObject } from '@hostler/kernel';
import { secretErrors } from '../secret-errors.ts';
import { parseJson } from '../secret-value.ts';
import { refused } from './vault-contents.ts';

type Link = typeof linkFile;

/** No change takes so long: an older lock was left by a process that ended without taking it away. */
const OLDEST = 60_000;
/** A lock without an owner's name is that of a process that was about to write it, or that ended just then. */
const OLDEST_UNNAMED = 2_000;

/**
 * Does the work while nobody else does, in this process or another one.
 * @throws SECRET_VAULT_BUSY when somebody does
 */
export async function withLock<T>(path: string, work: () => Promise<T>, link: Link = linkFile): Promise<T> {
  const owner = await take(path, link).catch((error: unknown) => {
    throw refused('its directory cannot be written.', error);
  });
  if (owner === undefined) throw secretErrors.VAULT_BUSY();
  try {
    await deleteUnused(path);
    return await work();
  } finally {
    await release(path, owner);
  }
}

/** What stands in the lock now; undefined: somebody has it. It is written aside first, so that it is never there without its owner. */
async function take(path: string, link: Link): Promise<string | undefined> {
  const id = randomUUID();
  const owner = JSON.stringify({ host: hostname(), process: process.pid, id });
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
    const owner = parseJson(text);
    const isNamed = isJsonObject(owner);
    if (Date.now() - mtimeMs > (isNamed ? OLDEST : OLDEST_UNNAMED)) return true;
    // The number of a process means something on its own machine only.
    return isNamed && owner.host === hostname() && !isRunning(owner.process);
  } catch {
    // It has just been taken away.
    return false;
  }
}

function isRunning(id: unknown): boolean {
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id <= 0) return true;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return !isFileError(error, 'ESRCH');
  }
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

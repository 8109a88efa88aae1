import { randomUUID } from 'node:crypto';
import { open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isJsonObject } from '@hostler/kernel';
import { secretErrors } from '../secret-errors.ts';
import { parseJson } from '../secret-value.ts';
import { refused } from './vault-contents.ts';

/** No change takes so long: an older lock was left by a process that ended without taking it away. */
const OLDEST = 60_000;
/** A lock without an owner's name is that of a process that was about to write it, or that ended just then. */
const OLDEST_UNNAMED = 2_000;

/**
 * Does the work while nobody else does, in this process or another one.
 * @throws SECRET_VAULT_BUSY when somebody does
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  if (!(await take(path))) {
    if (!(await isLeftOver(path))) throw secretErrors.VAULT_BUSY();
    await clear(path);
    if (!(await take(path))) throw secretErrors.VAULT_BUSY();
  }
  try {
    return await work();
  } finally {
    await unlink(path).catch(() => undefined);
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify({ host: hostname(), process: process.pid }));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw refused('its directory cannot be written.', error);
  }
}

async function isLeftOver(path: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
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
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** By renaming, of which only one succeeds when several clear the same lock. */
async function clear(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    await unlink(aside);
  } catch {
    // Somebody else was faster; whose lock it is now shows when it is taken.
  }
}

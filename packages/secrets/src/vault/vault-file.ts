import { constants } from 'node:fs';
import { open, realpath, rename, stat, unlink } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { secretErrors } from '../secret-errors.ts';
import { damaged, EMPTY_VAULT, formatVault, MAX_VAULT_BYTES, parseVault, refused } from './vault-contents.ts';
import type { VaultContents } from './vault-contents.ts';
import { withLock } from './write-lock.ts';

/** The contents at one moment, and the mark by which another moment is told. */
export interface VaultSnapshot {
  readonly contents: VaultContents;
  /** Of the file; absent: there is none. */
  readonly mark?: string;
}

/** What is there now; `known` when the file is still the same. */
export async function readVault(path: string, known?: VaultSnapshot): Promise<VaultSnapshot> {
  let file: FileHandle | undefined;
  try {
    // Non-blocking, because opening a named pipe would otherwise wait for a writer.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat({ bigint: true });
    const mark = toMark(stats);
    if (mark === known?.mark) return known;
    if (!stats.isFile() || stats.size > MAX_VAULT_BYTES) throw damaged('it is no file, or larger than 16 MiB.');
    return { contents: parseVault(await file.readFile('utf8')), mark };
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return { contents: EMPTY_VAULT };
    throw toReadError(error);
  } finally {
    await file?.close();
  }
}

/**
 * Replaces the contents, or leaves them as they are: the file is whole at every moment. One writer at a time.
 * @throws SECRET_VAULT_BUSY, SECRET_VAULT_REFUSED
 */
export async function changeVault(
  path: string,
  change: (contents: VaultContents) => Promise<VaultContents>,
): Promise<VaultContents> {
  const target = await realpath(path).catch(() => path);
  await checkDirectory(dirname(target));
  return withLock(`${target}.lock`, async () => {
    const before = await readVault(target);
    const after = await change(before.contents);
    await writeWhole(target, formatVault(after), before.mark);
    return after;
  });
}

async function checkDirectory(directory: string): Promise<void> {
  const stats = await stat(directory).catch((error: unknown) => {
    throw refused('its directory is not there.', error);
  });
  if (!stats.isDirectory()) throw refused('its directory is none.');
  // In a directory of everybody anybody could put another file in its place, unless it is sticky as /tmp is.
  if ((stats.mode & 0o002) !== 0 && (stats.mode & 0o1000) === 0) throw refused('its directory can be written by all.');
}

async function writeWhole(path: string, text: string, mark: string | undefined): Promise<void> {
  // One name for all, because the lock is held: what a killed writer left is taken away by the next.
  const temporary = `${path}.tmp`;
  await unlink(temporary).catch(() => undefined);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // The lock may have been taken for left over by somebody who does not see this process.
    if ((await markOf(path)) !== mark) throw secretErrors.VAULT_BUSY();
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw isSystemError(error) ? refused('it cannot be written there.', error) : error;
  }
  await syncDirectory(dirname(path));
}

/** The new name of the file is on the disk only when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function markOf(path: string): Promise<string | undefined> {
  try {
    return toMark(await stat(path, { bigint: true }));
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function toMark({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function toReadError(error: unknown): unknown {
  const reference = 'local://…';
  if (isFileError(error, 'EACCES') || isFileError(error, 'EPERM')) {
    const problem = 'let the user of this host read the file of the vault.';
    return secretErrors.ACCESS_DENIED({ details: { reference, problem }, cause: error });
  }
  if (!isSystemError(error)) return error;
  return secretErrors.UNAVAILABLE({ details: { reference, problem: 'its file cannot be read' }, cause: error });
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}

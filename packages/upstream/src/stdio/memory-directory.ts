import { access, constants, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute } from 'node:path';

/** Where files for children are put. */
export interface FilePlace {
  readonly path: string;
  /** Whether what is written there stays in memory. */
  readonly isMemory: boolean;
}

/** Source: statfs(2), TMPFS_MAGIC and RAMFS_MAGIC. */
const MEMORY_TYPES: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** A directory in memory that may be written to, and where there is none the system's directory for temporary files. */
export async function findFilePlace(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Promise<FilePlace> {
  const candidates = platform === 'linux' ? ['/dev/shm', environment['XDG_RUNTIME_DIR'] ?? ''] : [];
  for (const path of candidates) {
    // oxlint-disable-next-line no-await-in-loop -- the first that will do
    if (isAbsolute(path) && (await isWritableMemory(path))) return { path, isMemory: true };
  }
  return { path: tmpdir(), isMemory: false };
}

async function isWritableMemory(path: string): Promise<boolean> {
  try {
    const { type } = await statfs(path);
    await access(path, constants.W_OK | constants.X_OK);
    return MEMORY_TYPES.has(type);
  } catch {
    // Not there, or not ours: the next one may be.
    return false;
  }
}

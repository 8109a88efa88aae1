import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, resolve, sep } from 'node:path';

/** Missing folders at the end of a path that may still be created. */
const MAX_MISSING = 64;

const MISSING: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);

/**
 * Where a path leads, symbolic links followed as the system follows them. What does not exist yet is put behind the real
 * path of the longest part that does.
 * @returns undefined when it cannot be told: no permission, a loop, or a link to something that does not exist, which
 * writing would create
 */
export async function realPathOf(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  let existing = path;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- the next part depends on whether this one exists
    const real = await follow(existing);
    if (real !== MISSING_HERE) return real === undefined ? undefined : resolve(real, ...missing);
    const parent = dirname(existing);
    if (parent === existing || missing.length === MAX_MISSING) return undefined;
    missing.unshift(basename(existing));
    existing = parent;
  }
}

const MISSING_HERE = Symbol('missing');

async function follow(path: string): Promise<string | undefined | typeof MISSING_HERE> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!MISSING.has(codeOf(error))) return undefined;
  }
  try {
    await lstat(path);
    return undefined;
  } catch (error) {
    return MISSING.has(codeOf(error)) ? MISSING_HERE : undefined;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Whether a real path is a folder or lies in it: by whole names, so that `/data-evil` is not in `/data`. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

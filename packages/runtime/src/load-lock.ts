import { readFile, stat } from 'node:fs/promises';
import type { HostPlan } from '@hostler/config';
import type { DefinitionTrust } from '@hostler/host';
import { emptyLock, readLock } from '@hostler/router';
import type { LockFile } from '@hostler/router';
import { lockErrors } from './errors.ts';
import { sourceOf } from './source-of.ts';

/** A lockfile as it was read; without `file` the configuration names none. */
export interface LoadedLock {
  readonly file: string | undefined;
  readonly exists: boolean;
  readonly content: LockFile;
}

/** Longer files are no lockfiles. */
const MAX_BYTES = 64 * 1024 * 1024;

/** One that is not there approves nothing. @throws LOCK_INVALID */
export async function loadLock({ lock: { file } }: Pick<HostPlan, 'lock'>): Promise<LoadedLock> {
  if (file === undefined) return { file, exists: false, content: emptyLock };
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new TypeError(`it is longer than ${MAX_BYTES} bytes`);
    return { file, exists: true, content: readLock(await readFile(file, 'utf8')) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { file, exists: false, content: emptyLock };
    const problem = error instanceof TypeError ? error.message : 'it cannot be read';
    throw lockErrors.INVALID({ details: { file, problem }, cause: error });
  }
}

/** What the host goes by, of a plan and its lockfile. */
export function trustOf({ lock, folder }: HostPlan, { content }: LoadedLock): DefinitionTrust {
  return {
    suspicious: lock.suspicious,
    sourceOf: (spec) => sourceOf(spec, folder),
    ...(lock.file !== undefined && { approved: content }),
  };
}

import { copyFile, readFile, realpath, stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '@hostler/kernel';
import { saveErrors } from './errors.ts';
import { replaceFile } from './replace-file.ts';
import type { RunningServers } from './running-servers.ts';
import { driftOf } from './server-changes.ts';
import type { SaveReport } from './servers.ts';

/**
 * Writes the changes of servers into the file they are changes of.
 * @throws SAVE_FILE_CHANGED, SAVE_UNWRITABLE, CONFIG_NOT_EDITABLE, CONFIG_INVALID
 */
export async function saveServers(running: RunningServers): Promise<SaveReport> {
  let report: SaveReport = { saved: driftOf(running.plan(), new Map()) };
  await running.adopt(async ({ plan, changes }) => {
    const saved = driftOf(plan, changes);
    if (changes.size === 0) return plan;
    const { editServers, parseConfig } = await import('@hostler/config/text');
    const { source } = plan;
    const file = await orUnwritable(() => realpath(source));
    const text = await orUnwritable(() => readFile(file, 'utf8'));
    // Somebody else's edit must not be taken over unseen.
    if (!isDeepStrictEqual(parseConfig(text, source).plan.written, plan.written)) throw saveErrors.FILE_CHANGED();
    const wanted = [...changes].map(([name, change]): [string, JsonObject | undefined] => [
      name,
      change === 'removed' ? undefined : change.written,
    ]);
    const edited = editServers(text, source, Object.fromEntries(wanted));
    const backup = `${file}.bak`;
    await orUnwritable(async () => {
      await copyFile(file, backup);
      const { mode } = await stat(file);
      await replaceFile(file, edited, mode & 0o777);
    });
    report = { file, backup, saved };
    return parseConfig(edited, source).plan;
  });
  return report;
}

async function orUnwritable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw saveErrors.UNWRITABLE({ details: { reason: REASONS[code] ?? 'the operating system refuses' }, cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EBUSY: 'the file is mounted by itself; mount its folder instead',
  ENOENT: 'it is not there',
  ENOSPC: 'the disk is full',
};

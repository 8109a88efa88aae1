import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSecrets } from './find-secrets.ts';
import type { Finding } from './finding.ts';
import type { Scanned } from './scanned.ts';
import { textOf } from './text-of.ts';

/** Every file of a working copy that could be committed: what is ignored is left out. */
export async function scanTree(folder: string): Promise<Scanned> {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: folder,
    maxBuffer: 1 << 28,
  });
  const names = listed.toString('utf8').split('\0').filter(Boolean);
  const findings: Finding[] = [];
  let count = 0;
  let unread = 0;
  for (const name of names) {
    const path = join(folder, name);
    // A file may be gone since the list was made, and a link is not followed.
    if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    const text = textOf(readFileSync(path));
    count += 1;
    if (text === undefined) unread += 1;
    // oxlint-disable-next-line no-await-in-loop -- one after the other: it is work for the processor
    else findings.push(...(await findSecrets(text, name)));
  }
  return { what: `${count} files`, findings, unread };
}

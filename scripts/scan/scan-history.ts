import { execFileSync, spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { findSecrets } from './find-secrets.ts';
import type { Finding } from './finding.ts';
import type { Scanned } from './scanned.ts';
import { textOf } from './text-of.ts';

const LIMIT = 1 << 30;

/** Every version of every file in every branch and tag, and every message of a commit. */
export async function scanHistory(folder: string): Promise<Scanned> {
  const git = (...command: string[]): string =>
    execFileSync('git', command, { cwd: folder, maxBuffer: LIMIT }).toString('utf8');
  const names = new Map(
    git('rev-list', '--objects', '--all')
      .split('\n')
      .filter((line) => line.includes(' '))
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const),
  );
  const findings: Finding[] = [];
  let count = 0;
  let unread = 0;
  for (const { id, content } of blobsIn(await catFiles(folder, [...names.keys()]))) {
    const text = textOf(content);
    count += 1;
    if (text === undefined) unread += 1;
    // oxlint-disable-next-line no-await-in-loop -- one after the other: it is work for the processor
    else findings.push(...(await findSecrets(text, `${id.slice(0, 10)}:${names.get(id) ?? ''}`)));
  }
  findings.push(...(await findSecrets(git('log', '--all', '--format=%H%n%B'), 'messages of commits')));
  const commits = git('rev-list', '--all', '--count').trim();
  const isShallow = git('rev-parse', '--is-shallow-repository').trim() === 'true';
  const note = isShallow ? ' of a shallow clone: what is older was not searched' : '';
  return { what: `${commits} commits, ${count} versions of files${note}`, findings, unread };
}

async function catFiles(folder: string, ids: readonly string[]): Promise<Buffer> {
  const child = spawn('git', ['cat-file', '--batch'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(ids.map((id) => `${id}\n`).join(''));
  return buffer(child.stdout);
}

/** The answers of `git cat-file --batch`: a line with id, kind and length, the content, a line break. */
function* blobsIn(answers: Buffer): Generator<{ readonly id: string; readonly content: Buffer }> {
  let position = 0;
  while (position < answers.length) {
    const end = answers.indexOf(0x0a, position);
    const [id = '', kind, length] = answers.toString('latin1', position, end).split(' ');
    if (length === undefined) throw new Error(`git cat-file: ${id} ${kind ?? ''}`);
    const start = end + 1;
    position = start + Number(length) + 1;
    if (kind === 'blob') yield { id, content: answers.subarray(start, position - 1) };
  }
}

// Searches for secrets and for dependencies with known holes, and fails when there is one that nobody has looked at:
// `pnpm scan` for the working copy and its whole history, `pnpm scan image <name> …` for images of the local engine,
// `pnpm scan dependencies` for what is installed in production.
import { readAllowed, withoutAllowed } from './allowed-findings.ts';
import { scanDependencies } from './scan-dependencies.ts';
import { scanHistory } from './scan-history.ts';
import { scanImage } from './scan-image.ts';
import { scanTree } from './scan-tree.ts';
import type { Scanned } from './scanned.ts';

const USAGE =
  'pnpm scan [tree | history | image <name> … | dependencies [--require]]; without a word: tree and history';

async function scanAll(what: string | undefined, names: readonly string[]): Promise<boolean> {
  const folder = process.cwd();
  if (what === undefined) {
    const isTreeClean = await report('tree', scanTree(folder));
    return (await report('history', scanHistory(folder))) && isTreeClean;
  }
  if (what === 'tree') return report(what, scanTree(folder));
  if (what === 'history') return report(what, scanHistory(folder));
  if (what === 'dependencies') return scanDependencies(folder, { isRequired: names.includes('--require') });
  if (what !== 'image' || names.length === 0) throw new Error(USAGE);
  let isClean = true;
  // oxlint-disable-next-line no-await-in-loop -- each image is large
  for (const name of names) isClean = (await report(`image ${name}`, scanImage(name))) && isClean;
  return isClean;
}

async function report(name: string, scanning: Promise<Scanned>): Promise<boolean> {
  const { what, findings, unread } = await scanning;
  const left = withoutAllowed(findings, readAllowed());
  for (const { place, line, rule, digest, shown } of left) {
    console.error(`${place}:${line} ${rule} ${shown}\n  sha256 ${digest}`);
  }
  const known = findings.length - left.length;
  console.log(
    `secrets in ${name}: ${left.length === 0 ? 'none' : left.length} (${what}; ${known} known to be none, ${unread} not text)`,
  );
  if (left.length > 0) {
    console.error(
      'A real one: revoke it first, then remove it. None: add rule, digest, where and reason to scripts/scan/allowed.json.',
    );
  }
  return left.length === 0;
}

const [what, ...names] = process.argv.slice(2);
try {
  process.exitCode = (await scanAll(what, names)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

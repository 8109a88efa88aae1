import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The parts of docs/performance.md that are measured: each stands between `<!-- bench:x -->` and `<!-- /bench:x -->`. */
export type SectionName = 'calls' | 'large' | 'peers' | 'footprint' | 'scale' | 'workers';

const DOCUMENT = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

/** Puts what was measured in the place of what stood there. A document without the two markers is an error. */
export function writeSection(name: SectionName, markdown: string, document = DOCUMENT): void {
  const changed = withSection(readFileSync(document, 'utf8'), name, markdown);
  // Never half a document, even when two programs write their sections at the same time.
  const draft = `${document}.${process.pid}`;
  writeFileSync(draft, changed);
  renameSync(draft, document);
}

export function withSection(document: string, name: SectionName, markdown: string): string {
  const begin = `<!-- bench:${name} -->`;
  const end = `<!-- /bench:${name} -->`;
  const [before, rest, ...more] = document.split(begin);
  const parts = rest?.split(end) ?? [];
  if (before === undefined || parts.length !== 2 || more.length > 0) {
    throw new Error(`expected the markers ${begin} and ${end} once each, in this order`);
  }
  return `${before}${begin}\n\n${markdown.trim()}\n\n${end}${parts[1]}`;
}

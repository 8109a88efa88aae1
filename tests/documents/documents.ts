import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root: string = join(import.meta.dirname, '..', '..');

const patterns = [
  '*.md',
  'docs/**/*.md',
  '{packages,apps,examples}/*/*.md',
  '{deploy,docker}/**/*.md',
  '.{github,devcontainer,changeset}/**/*.md',
];

export interface Document {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
}

/** Every document of the repository, by path. What is installed or made is left out. */
export function readDocuments(): readonly Document[] {
  return globSync(patterns, { cwd: root, exclude: (name) => name === 'node_modules' || name === 'dist' })
    .filter((path) => !/(?:^|\/)(?:node_modules|dist|CHANGELOG\.md)(?:\/|$)/.test(path))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

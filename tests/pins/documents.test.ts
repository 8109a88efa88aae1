import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { formatProblems } from '@hostler/config';
import { parseConfig } from '@hostler/config/text';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = (await readdir(`${root}docs`)).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
const found = await Promise.all(
  ['README.md', ...pages].map(async (page) => {
    const text = await readFile(root + page, 'utf8');
    return [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = ''], index) => ({ page, index, yaml }));
  }),
);

function problemsOf(yaml: string): string {
  try {
    parseConfig(yaml, '/hostler.yaml');
    return '';
  } catch (error) {
    return formatProblems(error);
  }
}

describe('the configurations in the documents', () => {
  it('are there', () => {
    expect(found.flat().length).toBeGreaterThan(3);
  });

  it.each(found.flat())('$page, number $index, is valid as it stands', ({ yaml }) => {
    expect(problemsOf(yaml)).toBe('');
  });
});

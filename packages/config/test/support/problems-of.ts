import { formatProblems } from '../../src/format-problems.ts';
import { parseConfig } from '../../src/parse.ts';

/** Where the text of a test is said to stand. */
export const FILE = '/etc/hostler/hostler.yaml';

/** The lines a person sees, without the file name; none where nothing is wrong. */
export function problemsOf(text: string, file = FILE): string[] {
  try {
    parseConfig(text, file);
  } catch (error) {
    return formatProblems(error)
      .split('\n')
      .map((line) => line.replace(`${file}:`, ''));
  }
  return [];
}

import { describe, expect, it } from 'vitest';
import { configErrors } from './errors.ts';
import { formatProblems } from './format-problems.ts';
import { parseConfig } from './parse.ts';

describe('formatProblems', () => {
  it('writes one line per problem', () => {
    let shown = '';
    try {
      parseConfig('servers: {}\nlog: { levle: info }\nlisen: {}\n', '/a/hostler.yaml');
    } catch (error) {
      shown = formatProblems(error);
    }
    expect(shown).toBe(
      '/a/hostler.yaml:2:8 log.levle: unknown key (did you mean "level"?)\n' +
        '/a/hostler.yaml:3:1 lisen: unknown key (did you mean "listen"?)',
    );
  });

  it('writes notes in the same way', () => {
    expect(formatProblems([{ file: 'f', line: 1, column: 2, path: '', message: 'm' }])).toBe('f:1:2: m');
    expect(formatProblems([{ file: 'f', path: 'p', message: 'm', hint: 'h' }])).toBe('f p: m (h)');
  });

  it('names the file of an error without problems', () => {
    expect(formatProblems(configErrors.NOT_FOUND({ details: { file: '/a' } }))).toBe(
      '/a: There is no configuration file at this path',
    );
  });

  it('falls back to the message of any other error', () => {
    expect(formatProblems(new Error('other'))).toBe('other');
  });
});

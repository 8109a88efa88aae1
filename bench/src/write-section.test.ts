import { describe, expect, it } from 'vitest';
import { withSection } from './write-section.ts';

const document =
  'before\n<!-- bench:calls -->\nold\n<!-- /bench:calls -->\nafter\n<!-- bench:peers -->\n<!-- /bench:peers -->\n';

describe('withSection', () => {
  it('replaces what stands between the markers and nothing else', () => {
    expect(withSection(document, 'calls', '\n| a |\n')).toBe(
      'before\n<!-- bench:calls -->\n\n| a |\n\n<!-- /bench:calls -->\nafter\n<!-- bench:peers -->\n<!-- /bench:peers -->\n',
    );
  });

  it('writes the same thing twice without a change', () => {
    const once = withSection(document, 'peers', 'table');
    expect(withSection(once, 'peers', 'table')).toBe(once);
  });

  it.each([
    ['there is no marker', 'nothing'],
    ['the end is missing', '<!-- bench:calls -->'],
    ['the end stands first', '<!-- /bench:calls --> <!-- bench:calls -->'],
    ['a marker stands there twice', document + document],
  ])('refuses when %s', (_, text) => {
    expect(() => withSection(text, 'calls', 'x')).toThrow('expected the markers <!-- bench:calls -->');
  });
});

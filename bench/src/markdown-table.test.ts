import { expect, it } from 'vitest';
import { markdownTable } from './markdown-table.ts';

it('writes words to the left, figures to the right, as wide as the longest', () => {
  expect(markdownTable(['name', 'µs'], [['off', '1.5'], ['deployed', '–'], ['absent']])).toBe(
    ['| name     |  µs |', '| -------- | --: |', '| off      | 1.5 |', '| deployed |   – |', '| absent   |     |'].join(
      '\n',
    ),
  );
});

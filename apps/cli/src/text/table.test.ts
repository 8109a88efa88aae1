import { expect, it } from 'vitest';
import { renderTable } from './table.ts';

const columns = [{ title: 'NAME' }, { title: 'ABOUT', shrinks: true }, { title: 'MS', align: 'right' }] as const;

it('aligns columns and leaves no trailing spaces', () => {
  const rows = [
    ['one', 'first', '7'],
    ['three', '', '1200'],
  ];
  expect(renderTable({ columns, rows, width: 80 })).toEqual([
    'NAME   ABOUT    MS',
    'one    first     7',
    'three         1200',
  ]);
});

it('shortens the column that may shrink when the terminal is narrow', () => {
  const rows = [['one', 'a very long description of it', '7']];
  const lines = renderTable({ columns, rows, width: 30 });
  expect(lines[1]).toBe('one   a very long descrip…   7');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(30);
});

it('paints cells without disturbing the alignment', () => {
  const paint = (cell: string, { row, column }: { row: number; column: number }) =>
    row === 0 && column === 0 ? `<${cell}>` : cell;
  expect(renderTable({ columns, rows: [['one', 'x', '7']], width: 80, paint })[1]).toBe('<one >  x       7');
});

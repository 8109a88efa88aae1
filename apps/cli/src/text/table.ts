export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** This column gives way when the table is wider than the terminal. */
  readonly shrinks?: boolean;
}

export interface TableOptions {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** Characters that fit on a line. */
  readonly width: number;
  /** Applied to a padded cell; must add nothing visible. */
  readonly paint?: (cell: string, place: { readonly row: number; readonly column: number }) => string;
}

const GAP = '  ';
const LEAST_WIDTH = 12;

/** Lines of a table with a row of titles (`row` -1 for `paint`), without trailing spaces. */
export function renderTable({ columns, rows, width, paint = (cell) => cell }: TableOptions): string[] {
  const widths = fit(
    columns,
    columns.map(({ title }, index) => Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length))),
    width,
  );
  const titles = columns.map(({ title }) => title);
  return [titles, ...rows].map((row, index) =>
    columns
      .map(({ align }, column) => {
        const cell = shorten(row[column] ?? '', widths[column] ?? 0);
        const isLast = column === columns.length - 1;
        const padded =
          align === 'right' ? cell.padStart(widths[column] ?? 0) : isLast ? cell : cell.padEnd(widths[column] ?? 0);
        return paint(padded, { row: index - 1, column });
      })
      .join(GAP)
      .trimEnd(),
  );
}

export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function fit(columns: readonly Column[], widths: readonly number[], width: number): readonly number[] {
  const total = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1);
  const excess = total - width;
  const shrinking = columns.findIndex(({ shrinks }) => shrinks === true);
  if (excess <= 0 || shrinking === -1) return widths;
  return widths.map((one, index) => (index === shrinking ? Math.max(Math.min(one, LEAST_WIDTH), one - excess) : one));
}

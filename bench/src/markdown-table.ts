/** Reads as well in a terminal as in a document. The first columns are words, the others figures. */
export function markdownTable(head: readonly string[], lines: readonly (readonly string[])[], words = 1): string {
  const widths = head.map((title, column) =>
    Math.max(3, ...[title, ...lines.map((line) => line[column] ?? '')].map(width)),
  );
  const cell = (text: string, column: number): string => {
    const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(text)));
    return column < words ? text + space : space + text;
  };
  const row = (line: readonly string[]): string =>
    `| ${head.map((_, column) => cell(line[column] ?? '', column)).join(' | ')} |`;
  const rule = widths.map((size, column) => (column < words ? '-'.repeat(size) : `${'-'.repeat(size - 1)}:`));
  return [row(head), `| ${rule.join(' | ')} |`, ...lines.map(row)].join('\n');
}

function width(text: string): number {
  return Array.from(text).length;
}

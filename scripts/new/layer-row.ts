const TABLE = /(?<=\bROWS: Readonly<Record<string, number>> = \{\n)(?:.*\n)*?(?=\};)/;
const LINE = /^ {2}'(@hostler\/[\w-]+)': (\d+),$/;

/**
 * Adds a package behind the last one of its row, or of a lower row.
 * @returns the text of tests/pins/layers.test.ts
 * @throws Error when the package has another row there
 */
export function addLayerRow(text: string, name: string, row: number): string {
  const table = TABLE.exec(text)?.[0];
  if (table === undefined) throw new Error('tests/pins/layers.test.ts has no table of rows that could be read.');
  const lines = table.trimEnd().split('\n');
  const rows = lines.map((line) => LINE.exec(line));
  const known = rows.find((found) => found?.[1] === name)?.[2];
  if (known !== undefined) {
    if (Number(known) === row) return text;
    throw new Error(
      `${name} has row ${known} in tests/pins/layers.test.ts: --row ${known}, or another row there first.`,
    );
  }
  const last = rows.findLastIndex((found) => found !== null && Number(found[2]) <= row);
  const grown = lines.toSpliced(last + 1, 0, `  '${name}': ${row},`);
  return text.replace(TABLE, () => `${grown.join('\n')}\n`);
}

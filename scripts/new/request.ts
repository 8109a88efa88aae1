import { parseArgs } from 'node:util';

export interface NewPackage {
  /** Without the scope. */
  readonly name: string;
  /** Of the table in tests/pins/layers.test.ts. */
  readonly row: number;
  readonly description: string;
}

const USAGE = 'pnpm new package <name> --row <1 to 5> --description "<what it holds>"';
/** Words that say nothing of what a package holds. */
const EMPTY_WORDS = ['common', 'core', 'helper', 'helpers', 'manager', 'service', 'shared', 'util', 'utils'];

/** @throws Error that says what is wrong, and how it is right */
export function readRequest(line: readonly string[]): NewPackage {
  const { positionals, values } = parsed(line);
  const [kind, name = '', ...rest] = positionals;
  if (kind !== 'package' || rest.length > 0) throw new Error(`There are new packages only: ${USAGE}`);
  return { name: checkedName(name), row: checkedRow(values.row), description: checkedDescription(values.description) };
}

function parsed(line: readonly string[]) {
  try {
    return parseArgs({
      args: [...line],
      options: { row: { type: 'string' }, description: { type: 'string' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, { cause: error });
  }
}

function checkedName(name: string): string {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) || name.length > 40) {
    throw new Error(
      `"${name}" is no name: lower-case letters and digits in words with - between them, at most 40, without @hostler/. ${USAGE}`,
    );
  }
  const empty = name.split('-').find((word) => EMPTY_WORDS.includes(word));
  if (empty !== undefined) throw new Error(`"${empty}" says nothing: name the package after the one thing it holds.`);
  return name;
}

function checkedRow(row: string | undefined): number {
  if (row !== undefined && /^[1-5]$/.test(row)) return Number(row);
  throw new Error(
    `--row is ${row ?? 'missing'}: 1 to 5. A package may use those of lower rows; docs/architecture.md has the table. Row 0 is the kernel, row 6 are the apps.`,
  );
}

function checkedDescription(description = ''): string {
  const text = description.trim();
  if (text.length >= 10 && text.length <= 120 && !text.endsWith('.') && !/[\r\n|`]/.test(text)) return text;
  throw new Error('--description says in 10 to 120 characters what the package holds, without a full stop at its end.');
}

import process from 'node:process';

/** A line with what was measured. */
export function print(what: string, figure: number | string, unit = ''): void {
  const shown = typeof figure === 'number' ? String(Math.round(figure * 100) / 100) : figure;
  process.stdout.write(`containers: ${what}: ${shown}${unit === '' ? '' : ` ${unit}`}\n`);
}

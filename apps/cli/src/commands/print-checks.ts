import type { Output } from '../output.ts';
import { wrap } from '../text/wrap.ts';
import type { Check } from './check.ts';

const MARKS = { ok: ['✓', 'green'], warning: ['!', 'yellow'], failed: ['✗', 'red'] } as const;

/** Each thing that was looked at, with what to do about it. */
export function printChecks(output: Output, checks: readonly Check[]): void {
  for (const { name, status, message, mend } of checks) {
    const [mark, style] = MARKS[status];
    const [first = '', ...rest] = wrap(`${name}: ${message}`, output.width - 2);
    output.print(
      `${output.paint(style, mark)} ${output.paint('bold', first.slice(0, name.length))}${first.slice(name.length)}`,
    );
    for (const line of [...rest, ...wrap(mend ?? '', output.width - 2)]) if (line !== '') output.print(`  ${line}`);
  }
}

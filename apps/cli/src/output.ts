import { styleText } from 'node:util';
import type { CliContext, GlobalOptions, TerminalStream } from './context.ts';
import { createMasking } from './masking.ts';
import type { Masking } from './masking.ts';

/** Of a terminal that does not know its width. */
export const DEFAULT_COLUMNS = 80;

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where a command's words go: results to standard output, everything about them to standard error. */
export interface Output {
  readonly isJson: boolean;
  /** A line of the result. */
  readonly print: (line: string) => void;
  /** The result as JSON; `compact` keeps it on one line. */
  readonly json: (value: unknown, layout?: 'compact' | 'pretty') => void;
  /** The result as the bytes it is. */
  readonly raw: (bytes: Uint8Array) => void;
  /** About the work; not in quiet or JSON mode. */
  readonly note: (line: string) => void;
  /** About something that needs attention; not in JSON mode, where it belongs into the result. */
  readonly warn: (line: string) => void;
  /** Style for `print`, and for `note` and `warn`. Plain without colour. */
  readonly paint: (style: Style, text: string) => string;
  readonly paintNote: (style: Style, text: string) => string;
  /** Standard error as a terminal that can be redrawn; absent when it is none, or nobody wants progress. */
  readonly progress?: Redrawn;
  /** Characters on a line of standard output. */
  readonly width: number;
  readonly isTerminal: boolean;
}

/** A terminal that is written to as it is: what moves its cursor included. */
export interface Redrawn {
  readonly write: (text: string) => void;
  readonly columns: () => number | undefined;
}

/** Secrets that `masking` knows are masked in everything but the styles. */
export function createOutput(
  context: CliContext,
  options: Omit<GlobalOptions, 'config'>,
  masking: Masking = createMasking(),
): Output {
  const { stdout, stderr } = context;
  const isJson = options.json === true;
  const isQuiet = options.quiet === true;
  const painter = (stream: TerminalStream) => {
    const isColored = wantsColor(context, options, stream);
    return (style: Style, text: string) => (isColored ? styleText(style, text, { validateStream: false }) : text);
  };
  const canRedraw = stderr.isTTY === true && context.environment['TERM'] !== 'dumb' && !isJson && !isQuiet;
  return {
    isJson,
    print: (line) => void stdout.write(`${masking.text(line)}\n`),
    json: (value, layout = 'pretty') =>
      void stdout.write(`${masking.json(value, layout === 'pretty' ? 2 : undefined)}\n`),
    raw: (bytes) => void stdout.write(masking.bytes(bytes)),
    note: (line) => {
      if (!isJson && !isQuiet) stderr.write(`${masking.text(line)}\n`);
    },
    warn: (line) => {
      if (!isJson) stderr.write(`${masking.text(line)}\n`);
    },
    paint: painter(stdout),
    paintNote: painter(stderr),
    ...(canRedraw && {
      progress: { write: (text) => void stderr.write(masking.text(text)), columns: () => stderr.columns },
    }),
    width: stdout.isTTY === true ? stdout.columns || DEFAULT_COLUMNS : Number.POSITIVE_INFINITY,
    isTerminal: stdout.isTTY === true,
  };
}

/** no-color.org: any value of NO_COLOR but the empty one turns colour off. */
function wantsColor({ environment }: CliContext, { color }: { color: boolean }, stream: TerminalStream): boolean {
  if (!color || (environment['NO_COLOR'] ?? '') !== '') return false;
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}

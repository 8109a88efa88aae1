import { styleText } from 'node:util';
import type { CliContext, GlobalOptions, TerminalStream } from './context.ts';

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
  readonly progress?: TerminalStream;
  /** Characters on a line of standard output. */
  readonly width: number;
  readonly isTerminal: boolean;
}

export function createOutput(context: CliContext, options: Omit<GlobalOptions, 'config'>): Output {
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
    print: (line) => void stdout.write(`${line}\n`),
    json: (value, layout = 'pretty') =>
      void stdout.write(`${layout === 'pretty' ? JSON.stringify(value, undefined, 2) : JSON.stringify(value)}\n`),
    raw: (bytes) => void stdout.write(bytes),
    note: (line) => {
      if (!isJson && !isQuiet) stderr.write(`${line}\n`);
    },
    warn: (line) => {
      if (!isJson) stderr.write(`${line}\n`);
    },
    paint: painter(stdout),
    paintNote: painter(stderr),
    ...(canRedraw && { progress: stderr }),
    width: stdout.isTTY === true ? stdout.columns || DEFAULT_COLUMNS : Number.POSITIVE_INFINITY,
    isTerminal: stdout.isTTY === true,
  };
}

/** no-color.org: any value of NO_COLOR but the empty one turns colour off. */
function wantsColor({ environment }: CliContext, { color }: { color: boolean }, stream: TerminalStream): boolean {
  if (!color || (environment['NO_COLOR'] ?? '') !== '') return false;
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}

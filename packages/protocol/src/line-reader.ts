import { createByteJoiner } from './byte-joiner.ts';

export interface LineReader {
  /** Feeds a chunk; complete lines are handed on before this returns. */
  push(chunk: Uint8Array): void;
}

export interface LineReaderOptions {
  readonly maxLineBytes: number;
  /** One line without its line break (LF or CRLF). The bytes are the receiver's to keep. */
  onLine(line: Uint8Array): void;
  /** The line grew past the bound. Its bytes are dropped; what follows the next line break is read on. */
  onOverflow(): void;
}

/** Cuts a byte stream into lines. A line that lies in one chunk is not copied. */
export function createLineReader(options: LineReaderOptions): LineReader {
  const pieces = createByteJoiner();
  let dropping = false;

  /** Keeps a piece of the current line, or drops the whole line when it has grown too long. */
  function keep(piece: Uint8Array): void {
    if (dropping || piece.length === 0) return;
    if (pieces.size + piece.length <= options.maxLineBytes) {
      pieces.add(piece);
      return;
    }
    pieces.take();
    dropping = true;
    options.onOverflow();
  }

  function finish(): void {
    const line = pieces.take();
    const dropped = dropping;
    dropping = false;
    if (!dropped) options.onLine(line[line.length - 1] === 0x0d ? line.subarray(0, -1) : line);
  }

  return {
    push(chunk) {
      let start = 0;
      for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, start)) {
        keep(chunk.subarray(start, at));
        finish();
        start = at + 1;
      }
      keep(chunk.subarray(start));
    },
  };
}

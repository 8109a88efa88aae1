export interface LineReader {
  /** Feeds a chunk; complete lines are handed on before this returns. */
  push(chunk: Uint8Array): void;
}

export interface LineReaderOptions {
  readonly maxLineBytes: number;
  /** One line without its line break (LF or CRLF). The bytes are the reader's to keep. */
  onLine(line: Uint8Array): void;
  /** The line grew past the bound. Its bytes are dropped; what follows the next line break is read on. */
  onOverflow(): void;
}

/** Cuts a byte stream into lines. The chunks of a long line are joined once, when it ends. */
export function createLineReader(options: LineReaderOptions): LineReader {
  let parts: Uint8Array[] = [];
  let size = 0;
  let dropping = false;

  /** Keeps a piece of the current line, or drops the whole line when it has grown too long. */
  function keep(piece: Uint8Array): void {
    if (dropping || piece.length === 0) return;
    size += piece.length;
    if (size <= options.maxLineBytes) {
      parts.push(piece);
      return;
    }
    parts = [];
    dropping = true;
    options.onOverflow();
  }

  function finish(): void {
    const line = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    const dropped = dropping;
    parts = [];
    size = 0;
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

/** Pieces of bytes that will be one run. */
export interface ByteJoiner {
  readonly size: number;
  add(piece: Uint8Array): void;
  /** Everything since the last call, the caller's to keep. A single piece is handed back as it is. */
  take(): Uint8Array;
}

/**
 * Joins pieces by copying them into one growing buffer. A list of pieces would be simpler, but a peer that sends single
 * bytes makes it a hundred times as large as what it holds, and no bound on the bytes would notice.
 */
export function createByteJoiner(): ByteJoiner {
  let first: Uint8Array | undefined;
  let joined: Buffer | undefined;
  let size = 0;

  return {
    get size() {
      return size;
    },
    add(piece) {
      if (size === 0) {
        first = piece;
        size = piece.length;
        return;
      }
      const needed = size + piece.length;
      if (joined === undefined || joined.length < needed) {
        const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * size));
        larger.set(joined?.subarray(0, size) ?? (first as Uint8Array));
        joined = larger;
        first = undefined;
      }
      joined.set(piece, size);
      size = needed;
    },
    take() {
      const all = joined?.subarray(0, size) ?? first ?? EMPTY;
      first = undefined;
      joined = undefined;
      size = 0;
      return all;
    },
  };
}

const EMPTY = new Uint8Array();

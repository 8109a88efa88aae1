import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of the record. */
export interface SegmentFile {
  readonly path: string;
  /** Whose chain: one for each process that writes at the same time. */
  readonly shard: number;
  readonly number: number;
}

const NAME = /^audit-(\d{1,4})-(\d{8,})\.jsonl$/;

export function segmentName(shard: number, number: number): string {
  return `audit-${shard}-${String(number).padStart(8, '0')}.jsonl`;
}

/** The segments of a folder: chain by chain, each in its order. */
export async function listSegments(directory: string): Promise<readonly SegmentFile[]> {
  const names = await readdir(directory);
  return names
    .flatMap((name) => {
      const [, shard, number] = NAME.exec(name) ?? [];
      return number === undefined
        ? []
        : [{ path: join(directory, name), shard: Number(shard), number: Number(number) }];
    })
    .toSorted((one, other) => one.shard - other.shard || one.number - other.number);
}

/** Longer than any line that the host writes. */
export const MAX_LINE = 2 ** 20;

export interface FileEnd {
  readonly size: number;
  /** The last line that is whole; undefined where there is none. */
  readonly line: string | undefined;
  readonly isTorn: boolean;
}

export interface FileEdges extends FileEnd {
  readonly first: string | undefined;
}

/** The first and the last line of a file, without reading what is between them. */
export async function readEdges(path: string): Promise<FileEdges> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const read = async (position: number): Promise<Buffer> => {
      const buffer = Buffer.alloc(Math.min(MAX_LINE, size - position));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      return buffer.subarray(0, bytesRead);
    };
    const head = await read(0);
    const firstEnd = head.indexOf(10);
    const first = firstEnd === -1 ? undefined : head.subarray(0, firstEnd).toString();
    const tail = await read(Math.max(0, size - MAX_LINE));
    const end = tail.lastIndexOf(10);
    if (end === -1) return { size, first, line: undefined, isTorn: size > 0 };
    const start = tail.lastIndexOf(10, end - 1) + 1;
    return { size, first, line: tail.subarray(start, end).toString(), isTorn: end !== tail.length - 1 };
  } finally {
    await file.close();
  }
}

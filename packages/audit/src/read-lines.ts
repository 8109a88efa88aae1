import { createReadStream } from 'node:fs';
import { MAX_LINE } from './segment-files.ts';

export interface FileLine {
  readonly text: string;
  /** From 1 on. */
  readonly number: number;
  /** Bytes of the file up to the next line. */
  readonly end: number;
  /** False for what stands after the last line break. */
  readonly isWhole: boolean;
}

export interface ReadOptions {
  /** The byte to begin with. */
  readonly start?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The lines of a file, one by one. One that is too long for any record is cut off. */
export async function* readLines(
  path: string,
  { start: from = 0, signal }: ReadOptions = {},
): AsyncGenerator<FileLine> {
  let rest: Buffer[] = [];
  let length = 0;
  let number = 0;
  let at = from;
  const take = (): string => {
    const text = Buffer.concat(rest).toString();
    rest = [];
    length = 0;
    return text;
  };
  const keep = (part: Buffer): void => {
    if (length < MAX_LINE) rest.push(part.subarray(0, MAX_LINE - length));
    length += part.length;
  };
  const chunks = createReadStream(path, { start: from, ...(signal && { signal }) }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      start = end + 1;
      number += 1;
      yield { text: take(), number, end: at + start, isWhole: true };
    }
    if (start < chunk.length) keep(chunk.subarray(start));
    at += chunk.length;
  }
  if (length > 0) yield { text: take(), number: number + 1, end: at, isWhole: false };
}

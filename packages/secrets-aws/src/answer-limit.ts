import { pipeline, Readable, Transform } from 'node:stream';

/** 64 KiB of which each character is escaped with six bytes, and what stands around it. */
const MAX_ANSWER_BYTES = 512 * 1024;

/** The SDK collects an answer whole before it looks at it: what is longer than any of Secrets Manager ends early. */
export function limitAnswer(body: unknown): unknown {
  if (!(body instanceof Readable)) return body;
  let length = 0;
  const limited = new Transform({
    transform(chunk: Uint8Array, _, done) {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) done(new RangeError(`The answer is larger than ${MAX_ANSWER_BYTES} bytes`));
      else done(null, chunk);
    },
  });
  // The reader of `limited` learns of every failure; `pipeline` ends the connection.
  return pipeline(body, limited, () => undefined);
}

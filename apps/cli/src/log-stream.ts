import { Writable } from 'node:stream';
import type { Cli } from './cli.ts';
import { logLine } from './text/log-line.ts';

export interface LogStreamOptions {
  /** Called with every finished line instead of writing it to standard error. */
  readonly write?: (line: string) => void;
  /** Default: when standard error is a terminal and the output is not JSON. */
  readonly isForPeople?: boolean;
}

/** Where the runtime's log goes: standard error, as JSON lines; on a terminal, as lines for people. */
export function createLogStream({ context, output, options }: Cli, given: LogStreamOptions = {}): Writable {
  const { stderr } = context;
  const { write, isForPeople = stderr.isTTY === true && options.json !== true } = given;
  const writeLine = write ?? ((line: string) => void stderr.write(`${line}\n`));
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n')) {
        if (line !== '') writeLine(isForPeople ? logLine(line, output.paintNote) : line);
      }
      done();
    },
  });
}

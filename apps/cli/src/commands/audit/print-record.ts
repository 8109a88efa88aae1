import type { FoundRecord } from '@hostler/audit';
import type { Cli } from '../../cli.ts';
import { describeRecord } from './describe-record.ts';

/** A record: for programs the line as it was written, whose hash is of it. */
export async function printRecord({ output, context }: Cli, { record, line }: FoundRecord): Promise<void> {
  await writeLine(context.stdout, output.isJson ? line : describeRecord(record, output));
}

/** Waits for a reader that is slower than the files are. */
export function writeLine(stream: NodeJS.WritableStream, line: string): Promise<void> | undefined {
  if (stream.write(`${line}\n`)) return undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    for (const event of ['drain', 'close', 'error']) stream.off(event, done);
    resolve();
  };
  for (const event of ['drain', 'close', 'error']) stream.once(event, done);
  return promise;
}

import type { JsonObject } from '@hostler/kernel';
import type { Cli } from '../cli.ts';
import type { LastWords } from '../last-words.ts';
import { logLine } from '../text/log-line.ts';
import { parseLogRecord } from '../text/log-record.ts';

export interface RunLogOptions {
  readonly lastWords: LastWords;
  /** Whether a person reads standard error; else it has the records as they are, for programs. */
  readonly isForPeople: boolean;
  /** A line for a person. */
  readonly write: (line: string) => void;
}

/**
 * What `run` does with a line of the log. A person is told of the states of servers anyway, not of every attempt, and of
 * nothing twice in a row; unless a level was asked for, which asks for all of it.
 */
export function createRunLog({ context, output, options }: Cli, run: RunLogOptions): (line: string) => void {
  const told = new Map<unknown, string>();
  const isNews = (line: string, text: string): boolean => {
    const record = parseLogRecord(line);
    if (record === undefined) return true;
    if (isAboutState(record) || told.get(record['server']) === text) return false;
    told.set(record['server'], text);
    return true;
  };
  return (line) => {
    run.lastWords.read(line);
    if (!run.isForPeople) return void context.stderr.write(`${line}\n`);
    const text = logLine(line, output.paintNote);
    if (options.logLevel !== undefined || isNews(line, text)) run.write(text);
  };
}

/** A server that is up, is not, or has just ended. */
function isAboutState({ server, status, stderr }: JsonObject): boolean {
  return typeof server === 'string' && (typeof status === 'string' || Array.isArray(stderr));
}

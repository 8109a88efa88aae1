import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { Cli } from '../cli.ts';
import type { LogLevel } from '../context.ts';
import { createLastWords } from '../last-words.ts';
import { createMasking } from '../masking.ts';
import { createOutput } from '../output.ts';
import { createRunLog } from './run-log.ts';

const down = { level: 40, server: 'a', status: 'down', problem: 'It exited with code 1.', retryIn: 1, msg: 'no' };
const ended = { level: 40, server: 'a', exit: 'code 1', stderr: ['the key is missing'], msg: 'it ended' };
const babble = { level: 40, server: 'a', sample: 'hello', msg: 'it writes to its stdout' };
const other = { level: 50, error: { message: 'broken' }, msg: 'a connection could not be accepted' };

function log(isForPeople: boolean, logLevel?: LogLevel) {
  const stderr = new PassThrough({ encoding: 'utf8' });
  const context = {
    arguments: [],
    environment: {},
    workingDirectory: '/',
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    signals: { on: () => undefined, off: () => undefined },
  };
  const options = { color: false, ...(logLevel && { logLevel }) };
  const cli: Cli = { context, options, masking: createMasking(), output: createOutput(context, options) };
  const written: string[] = [];
  const lastWords = createLastWords();
  const read = createRunLog(cli, { lastWords, isForPeople, write: (line) => written.push(line) });
  for (const record of [down, ended, babble, down, ended, babble, other]) read(JSON.stringify(record));
  return { written, said: lastWords.of('a'), records: stderr.read() as string | null };
}

it('tells a person what is not told elsewhere, once, and keeps what servers said', () => {
  const { written, said, records } = log(true);
  expect(written).toEqual([
    'warn  a: it writes to its stdout sample=hello',
    'error a connection could not be accepted error=broken',
  ]);
  expect(said).toContain('the key is missing');
  expect(records).toBeNull();
});

it('tells a person everything who asked for a level', () => {
  expect(log(true, 'debug').written).toHaveLength(7);
});

it('leaves the records as they are for a program', () => {
  const { written, records } = log(false);
  expect(written).toEqual([]);
  expect(
    records
      ?.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([down, ended, babble, down, ended, babble, other]);
});

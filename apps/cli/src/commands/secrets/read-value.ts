import { StringDecoder } from 'node:string_decoder';
import type { CliContext, TerminalInput } from '../../context.ts';
import { cliErrors } from '../../errors.ts';

/** Bytes that are read from a pipe: more than any store of secrets holds, and the line break at the end. */
const MOST_BYTES = 64 * 1024 + 2;

/**
 * A value that no list of processes and no history of a shell shows: typed twice without being seen where standard input
 * is a terminal, else everything that is piped in, less one line break at its end.
 * @throws CLI_USAGE, CLI_INTERRUPTED
 */
export async function readValue({ stdin, stderr }: CliContext, what: string): Promise<string> {
  if (stdin.isTTY !== true) return readPiped(stdin);
  const value = await prompt(stdin, stderr, `${what}: `);
  if (value === '') throw usage('Nothing was typed.');
  const again = await prompt(stdin, stderr, `${what}, again: `);
  if (again === value) return value;
  throw usage(
    'The two are not the same, so nothing was written. A value of several lines is piped in: … set NAME < FILE',
  );
}

/** The same for a value that is looked at and kept nowhere: typed once. @throws CLI_USAGE, CLI_INTERRUPTED */
export async function readValueOnce({ stdin, stderr }: CliContext, what: string): Promise<string> {
  if (stdin.isTTY !== true) return readPiped(stdin);
  const value = await prompt(stdin, stderr, `${what}: `);
  if (value === '') throw usage('Nothing was typed.');
  return value;
}

async function readPiped(stdin: TerminalInput): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Buffer | string);
    size += bytes.length;
    if (size > MOST_BYTES) throw usage('The value on standard input is larger than 64 KiB.');
    chunks.push(bytes);
  }
  const text = decode(Buffer.concat(chunks)).replace(/\r?\n$/, '');
  if (text === '') throw usage('Standard input is empty: pipe the value in, or type it on a terminal.');
  return text;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The decoder's error says no more than that.
    throw usage('The value on standard input is not UTF-8 text. Put bytes in as base64.');
  }
}

/** One line, typed without being shown. @throws CLI_INTERRUPTED */
async function prompt(stdin: TerminalInput, stderr: CliContext['stderr'], question: string): Promise<string> {
  if (stdin.setRawMode === undefined) throw usage('This terminal cannot hide what is typed: pipe the value in.');
  stderr.write(question);
  stdin.setRawMode(true);
  try {
    return await readLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stderr.write('\n');
  }
}

/** Keys of a terminal in raw mode: what they are for is up to us. */
const ENTER = /[\r\n]/;
const [INTERRUPT, END, ERASE_LINE] = ['\u0003', '\u0004', '\u0015'];
const ERASE = new Set(['\u0008', '\u007f']);
/** Arrows and other keys that write nothing (ECMA-48, 5.4; SS3 of the keypad), and the marks around pasted text. */
// eslint-disable-next-line no-control-regex -- the escape character is what this looks for
const SILENT_KEY = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?/g;

function readLine(stdin: TerminalInput): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const decoder = new StringDecoder('utf8');
  let line: readonly string[] = [];
  const take = (key: string): boolean => {
    if (key === INTERRUPT) reject(cliErrors.INTERRUPTED());
    else if (ENTER.test(key) || key === END) resolve(line.join(''));
    else {
      if (ERASE.has(key)) line = line.slice(0, -1);
      else if (key === ERASE_LINE) line = [];
      else if (key >= ' ' || key === '\t') line = [...line, key];
      return false;
    }
    return true;
  };
  const onData = (chunk: Buffer | string): void => {
    const keys = Array.from(decoder.write(Buffer.from(chunk)).replaceAll(SILENT_KEY, ''));
    const ending = keys.findIndex(take);
    if (ending === -1) return;
    stdin.off('data', onData).pause();
    // What was typed after Enter belongs to the next question.
    if (ending < keys.length - 1) stdin.unshift(keys.slice(ending + 1).join(''));
  };
  const onEnd = (): void => reject(cliErrors.INTERRUPTED());
  stdin.on('data', onData).once('end', onEnd).resume();
  return promise.finally(() => stdin.off('data', onData).off('end', onEnd));
}

function usage(problem: string): Error {
  return cliErrors.USAGE({ details: { problem } });
}

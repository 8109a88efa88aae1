import { expect, it } from 'vitest';
import { createLastWords } from './last-words.ts';

function wordsOf(...records: readonly object[]): readonly string[] {
  const words = createLastWords();
  for (const record of records) words.read(JSON.stringify({ server: 'a', ...record }));
  return words.of('a');
}

it('keeps the last lines of standard error, each once, made safe', () => {
  const lines = ['one', 'two\u001b[2J', 'three', 'four', 'five', 'six', 'six'].map((stderr) => ({ stderr }));
  expect(wordsOf(...lines, { stderr: ['five', 'six'] })).toEqual(['two', 'three', 'four', 'five', 'six']);
});

it('leaves out the stack of a crash, so that its message is seen', () => {
  const stderr = [
    'node:internal/modules/cjs/loader:1568',
    '  throw err;',
    '  ^',
    "Error: Cannot find module '/srv/server.js'",
    ...Array.from({ length: 9 }, (_, line) => `    at Module._load (node:internal/modules/cjs/loader:${line}:12)`),
    "  code: 'MODULE_NOT_FOUND',",
    '}',
  ];
  expect(wordsOf({ stderr })).toEqual(["Error: Cannot find module '/srv/server.js'", "code: 'MODULE_NOT_FOUND',"]);
});

it('keeps what a server wrote to standard output instead of a message', () => {
  expect(wordsOf({ sample: 'Listening!', lines: 1 })).toEqual([
    'Listening! (on standard output, where only messages belong)',
  ]);
});

it('knows nothing of other servers and of lines that are no records', () => {
  const words = createLastWords();
  words.read('{"server":"b","stderr":"x"}');
  words.read('not a record');
  expect(words.of('a')).toEqual([]);
});

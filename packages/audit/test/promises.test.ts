import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

/** What the record is for, and the tests without which nobody would know that it does that. */
const PROMISES: Readonly<Record<string, readonly (readonly [file: string, title: string])[]>> = {
  'U-1 a line that is deleted, altered, put elsewhere or added is named by its number': [
    ['packages/audit/test/verify.test.ts', 'names the first place of a line that is %s, wherever it is'],
    ['packages/audit/test/verify.test.ts', 'finds an end that was cut off, at every place'],
    ['packages/audit/test/verify.test.ts', 'finds segments that are missing as a whole'],
    ['packages/audit/test/verify.test.ts', 'finds a range that was rewritten with fitting hashes'],
  ],
  'U-2 a crash between a call and its end leaves a call whose end is unknown': [
    ['packages/audit/test/processes.test.ts', 'that are killed leave calls whose end is unknown'],
    ['tests/faults/audit-crash.test.ts', 'U-2 SIGKILL between a call and its end'],
  ],
  'U-3 writers at the same time have one chain each': [
    ['packages/audit/test/processes.test.ts', 'that write at the same time have a chain each, and each is whole'],
    ['packages/audit/test/attacks.test.ts', 'two hosts with one folder'],
  ],
  'U-4 what was exported is checked without the host': [
    ['apps/cli/src/commands/audit/audit.test.ts', 'writes lines that can be verified, and rows'],
  ],
  'U-5 without a place to write it behaves as it is configured': [
    ['packages/audit/test/failures.test.ts', 'closed: no call is run, and what was begun has an end when it is back'],
    ['packages/audit/test/failures.test.ts', 'buffer: calls run until so many records wait, and none is lost'],
    ['packages/audit/test/failures.test.ts', 'open: calls run, and what is left out is said, signed and counted'],
    ['packages/audit/test/failures.test.ts', 'a disk that is full: closed, then nothing is double or torn'],
    ['apps/api/test/audit.test.ts', 'keeps calls and changes from running while it cannot be written, on every path'],
  ],
  'U-6 no value of an argument is in it, whatever is in the value': [
    ['packages/audit/test/failures.test.ts', 'is shape and digest of arguments, never a value, and no secret'],
    ['packages/audit/test/attacks.test.ts', 'cannot make a line of two, or one that writes to a terminal'],
    ['tests/canary/sinks.ts', 'files of the audit record'],
  ],
  'I7 each call has one pair with its own end': [
    ['apps/api/test/audit-load.test.ts', 'I7: each of many calls has one pair with its own end'],
    ['packages/host/src/call-recording.test.ts', 'has exactly one end for each call, whatever becomes of it'],
  ],
};

it.each(Object.entries(PROMISES))('%s', async (_promise, tests) => {
  for (const [file, title] of tests) {
    // oxlint-disable-next-line no-await-in-loop -- few, and small
    const text = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');
    expect(text.includes(title), `${file}: ${title}`).toBe(true);
  }
});

import type { Case, Shown } from './cases.ts';

const record = (file: string, title: string): Shown => ({ file: `packages/audit/test/${file}.test.ts`, title });
const api = (file: string, title: string): Shown => ({ file: `apps/api/test/${file}.test.ts`, title });
const line = (title: string): Shown => ({ file: 'apps/cli/src/commands/audit/audit.test.ts', title });

/** What the record is for. */
export const AUDIT_CASES: Readonly<Record<number, Case>> = {
  1: {
    says: 'A line that is deleted, altered, put elsewhere or added is named by its number.',
    shown: [
      record('verify', 'names the first place of a line that is %s, wherever it is'),
      record('verify', 'finds an end that was cut off, at every place'),
      record('verify', 'finds segments that are missing as a whole'),
      record('verify', 'finds a range that was rewritten with fitting hashes: the next signature is for other records'),
      line('names file, line and record of what is wrong'),
    ],
  },
  2: {
    says: 'A crash between a call and its end leaves a call of which nobody knows the end.',
    shown: [
      record(
        'processes',
        'that are killed leave calls whose end is unknown, named by verify, and the next one goes on',
      ),
      {
        file: 'tests/faults/audit-crash.test.ts',
        title:
          'U-2 SIGKILL between a call and its end: it is in the record as begun, and the next host goes on behind it',
      },
    ],
  },
  3: {
    says: 'Writers at the same time have one chain each.',
    shown: [
      record('processes', 'that write at the same time have a chain each, and each is whole'),
      record('attacks', 'two hosts with one folder: each has its own chain, and neither deletes what is of the other'),
    ],
  },
  4: {
    says: 'What was exported is checked without the host.',
    shown: [line('writes lines that can be verified, and rows')],
  },
  5: {
    says: 'Without a place to write it behaves as it is configured.',
    shown: [
      record('failures', 'closed: no call is run, and what was begun has an end when it is back'),
      record('failures', 'buffer: calls run until so many records wait, and none is lost'),
      record('failures', 'open: calls run, and what is left out is said, signed and counted'),
      record('failures', 'a disk that is full: closed, then nothing is double or torn'),
      api('audit', 'keeps calls and changes from running while it cannot be written, on every path'),
      {
        file: 'tests/authorization/recorded.test.ts',
        title: 'U-5 nothing is run at any door while nothing can be written',
      },
    ],
  },
  6: {
    says: 'No value of an argument is in it, at whatever door it came in.',
    shown: [
      record('failures', 'is shape and digest of arguments, never a value, and no secret'),
      record('attacks', 'cannot make a line of two, or one that writes to a terminal'),
      api(
        'audit',
        'has a pair for each call, over every face and REST, with who it was and by which means, and no argument',
      ),
      {
        file: 'tests/authorization/recorded.test.ts',
        title: 'U-6 a call at any door has one pair, and no argument in it',
      },
    ],
  },
  // Invariant I7 of every fault.
  7: {
    says: 'Each call has one pair with its own end.',
    shown: [
      api(
        'audit-load',
        'I7: each of many calls has one pair with its own end, whatever becomes of it, and what is refused has none',
      ),
      {
        file: 'packages/host/src/call-recording.test.ts',
        title: 'has exactly one end for each call, whatever becomes of it: answered, failed, given up, in any order',
      },
    ],
  },
};

import type { Case, Shown } from './cases.ts';

const shown = (file: string, title: string): readonly Shown[] => [{ file, title }];
const wire = 'packages/endpoint/test/wire-refusals.test.ts';
const calls = 'packages/upstream/test/http/call-failures.test.ts';
const definitions = 'packages/router/src/lock/check-definition.test.ts';
const lists = shown('packages/host/src/catalogs.test.ts', 'hold for %s, and are reported once');
const guarded = 'packages/upstream/src/guarded-connection.test.ts';

/** What nobody can make the host hold or do more of, each tried at the bound and one beyond. */
export const LIMIT_CASES: Readonly<Record<number, Case>> = {
  1: {
    says: 'A message of a client: 4 MiB.',
    shown: [
      ...shown(wire, 'a body at the limit is read, one byte more is refused, and the connection lives on'),
      ...shown(wire, 'a body that does not say how long it is is bounded all the same'),
      ...shown(
        'packages/protocol/src/line-reader.test.ts',
        'takes a line of exactly the bound, drops a longer one once, and reads on behind it',
      ),
    ],
  },
  2: {
    says: 'The head of a request: 16 KiB.',
    shown: shown('apps/api/test/listen.test.ts', 'refuse headers beyond 16 KiB'),
  },
  3: {
    says: 'Depth 64, 100,000 values, texts of 1 MiB.',
    shown: [
      ...shown('packages/protocol/src/envelope.test.ts', 'takes what stands exactly at every default limit'),
      ...shown(wire, '%s is refused and reaches no server'),
    ],
  },
  4: { says: 'No batches.', shown: shown(wire, 'a batch') },
  5: {
    says: 'Names of tools: 128 characters; descriptions: 16,384.',
    shown: shown(definitions, 'does not offer names and descriptions that are far too long, whatever is configured'),
  },
  6: {
    says: 'Requests under way, in all and of one consumer.',
    shown: shown('packages/endpoint/src/core/has-room.test.ts', 'who proves nothing may have all there is'),
  },
  7: {
    says: 'Calls of a server that run, and that wait.',
    shown: [
      ...shown('packages/upstream/src/call-gate.test.ts', 'lets so many in, and the others in the order they came'),
      ...shown('packages/upstream/src/call-gate.test.ts', 'refuses at once who finds no room in the line'),
    ],
  },
  8: {
    says: 'Streams, in all and of one consumer.',
    shown: shown(
      'packages/endpoint/src/http/open-streams.test.ts',
      'the places of one consumer and of all are counted, and each is given back once',
    ),
  },
  9: {
    says: 'Connections.',
    shown: shown('apps/api/test/listen.test.ts', 'refuse one connection too many, and take it when another has gone'),
  },
  10: {
    says: 'Answers of servers, 8 MiB: a body, an event, a frame.',
    shown: [
      ...shown(calls, '%s passes at the limit and fails one byte beyond'),
      ...shown(
        'packages/upstream/test/websocket/websocket-connection.test.ts',
        'fails with an answer beyond the bound; one at the bound is taken',
      ),
      ...shown(
        'packages/upstream/test/stdio-faults.test.ts',
        'writes a line without end: its calls fail with the bound, and it is ended',
      ),
    ],
  },
  11: {
    says: 'What a server writes to its standard error: lines a second.',
    shown: shown('packages/upstream/src/stdio/stderr-log.test.ts', 'logs so many lines a second and counts the rest'),
  },
  12: { says: 'Entries, bytes, definitions and pages of a list.', shown: lists },
  13: {
    says: 'Five failures in a row, and pauses that grow.',
    shown: [
      ...shown(guarded, 'gets no more of them after five in a row, until one succeeds'),
      ...shown(guarded, 'is tried with one call at a time, after ever longer pauses'),
    ],
  },
  14: {
    says: 'Eight rounds of questions.',
    shown: shown('packages/endpoint/test/input-required.test.ts', 'eight rounds are enough, a ninth is refused'),
  },
  15: {
    says: 'The state of a question: 8 KiB.',
    shown: shown('packages/protocol/src/request-state.test.ts', 'holds 8 KiB and not a byte more'),
  },
  16: {
    says: 'Subscriptions: 1,000 of a session.',
    shown: shown(
      'packages/host/src/subscriptions/subscriptions.test.ts',
      'subscribes to a thousand resources and not to one more',
    ),
  },
};

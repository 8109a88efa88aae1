import { expect, test } from 'vitest';
import { clientErrors } from '../client-errors.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { Questions } from './questions.ts';

const request = { method: 'roots/list' };
const { signal } = new AbortController();

function createQuestions(maxOpen = 2): {
  questions: Questions;
  sent: string[];
  clock: ManualClock;
  send: () => boolean;
} {
  const clock = new ManualClock();
  const sent: string[] = [];
  const send = (message?: Uint8Array): boolean => sent.push(Buffer.from(message ?? []).toString()) > 0;
  return { questions: new Questions({ clock, timeout: 1_000, maxOpen }), sent, clock, send };
}

test('answers find their questions by id, whatever their order', async () => {
  const { questions, send } = createQuestions();
  const asked = [questions.ask(request, signal, send), questions.ask(request, signal, send)];
  expect(questions.receive({ kind: 'result', id: 2, result: 'two' })).toBe(true);
  expect(questions.receive({ kind: 'result', id: 1, result: 'one' })).toBe(true);
  expect(await Promise.all(asked)).toEqual([
    { kind: 'result', result: 'one' },
    { kind: 'result', result: 'two' },
  ]);
});

test('an answer that nobody waits for is none', async () => {
  const { questions, send } = createQuestions();
  const asked = questions.ask(request, signal, send);
  const answers = [7, '1', undefined].map((id) => questions.receive({ kind: 'error', id, error: {} }));
  expect(answers).toEqual([false, false, false]);
  expect(questions.receive({ kind: 'result', id: 1, result: 1 })).toBe(true);
  expect(questions.receive({ kind: 'result', id: 1, result: 2 })).toBe(false);
  expect(await asked).toEqual({ kind: 'result', result: 1 });
});

test('there are only so many questions at a time', async () => {
  const { questions, send } = createQuestions(1);
  const first = questions.ask(request, signal, send);
  await expect(questions.ask(request, signal, send)).rejects.toMatchObject({ code: 'CLIENT_CANNOT_BE_ASKED' });
  questions.receive({ kind: 'result', id: 1, result: null });
  await first;
  const second = questions.ask(request, signal, send);
  questions.receive({ kind: 'result', id: 2, result: null });
  expect(await second).toEqual({ kind: 'result', result: null });
});

test('a question that cannot be sent is refused and leaves nothing behind', async () => {
  const { questions, clock } = createQuestions();
  await expect(questions.ask(request, signal, () => false)).rejects.toMatchObject({ code: 'CLIENT_CANNOT_BE_ASKED' });
  expect(clock.waiting).toBe(0);
});

test('a question under a signal that has fired is not sent', async () => {
  const { questions, sent, send } = createQuestions();
  await expect(questions.ask(request, AbortSignal.abort(new Error('over')), send)).rejects.toThrow('over');
  expect(sent).toEqual([]);
});

test('when the client is gone every question ends', async () => {
  const { questions, clock, send } = createQuestions();
  const asked = [questions.ask(request, signal, send), questions.ask(request, signal, send)];
  const reason = clientErrors.GONE();
  questions.end(reason);
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes).toEqual([
    { status: 'rejected', reason },
    { status: 'rejected', reason },
  ]);
  expect(clock.waiting).toBe(0);
});

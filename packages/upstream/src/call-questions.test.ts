import { describe, expect, it } from 'vitest';
import { DrivenClock, settle } from '@hostler/test-kit';
import { failureOf } from '../test/support/failure-of.ts';
import { CallQuestions } from './call-questions.ts';

function setUp(...inFlight: string[]) {
  const clock = new DrivenClock();
  const held: string[] = [];
  const questions = new CallQuestions<string>({
    clock,
    calls: () => [...inFlight],
    hold(call) {
      held.push(call);
      return () => void held.splice(held.indexOf(call), 1);
    },
  });
  const end = (call: string): void => {
    inFlight.splice(inFlight.indexOf(call), 1);
    questions.changed();
  };
  const { signal } = new AbortController();
  return { clock, held, questions, inFlight, end, signal };
}

describe('a question that names no call', () => {
  it('belongs to the only call in flight', async () => {
    const { questions, signal, clock } = setUp('a');
    expect(await questions.find(signal)).toBe('a');
    expect(clock.pending).toBe(0);
  });

  it('waits while it may belong to two, whose time stands still, until one of them has ended', async () => {
    const { questions, signal, held, end, clock, inFlight } = setUp('a', 'b');
    const found = questions.find(signal);
    inFlight.push('c');
    questions.changed();
    await settle();
    expect(held).toEqual(['a', 'b']);
    end('a');
    expect(await found).toBe('b');
    expect([held, clock.pending]).toEqual([[], 0]);
  });

  it('waits until one of the calls is answered', async () => {
    const { questions, signal } = setUp('a', 'b');
    const closeA = questions.open('a');
    questions.open('b');
    const found = questions.find(signal);
    await settle();
    closeA();
    expect(await found).toBe('a');
  });

  it('is given out in order when as many wait as there are calls', async () => {
    const { questions, signal } = setUp('a', 'b');
    expect(await Promise.all([questions.find(signal), questions.find(signal)])).toEqual(['a', 'b']);
  });

  it('is refused when there is no call, or those that it may belong to have ended', async () => {
    const { questions, signal, inFlight } = setUp('a', 'b');
    const failure = failureOf(questions.find(signal));
    inFlight.splice(0, 2, 'c');
    questions.changed();
    expect(await failure).toMatchObject({ code: 'PROTOCOL_METHOD_NOT_FOUND' });
    expect(await failureOf(setUp().questions.find(signal))).toMatchObject({ code: 'PROTOCOL_METHOD_NOT_FOUND' });
  });

  it('does not wait for ever, nor when it is withdrawn', async () => {
    const { questions, clock, held } = setUp('a', 'b');
    const controller = new AbortController();
    const failures = [
      failureOf(questions.find(new AbortController().signal)),
      failureOf(setUp('a', 'b').questions.find(controller.signal)),
    ];
    controller.abort(new Error('withdrawn'));
    expect(await failures[1]).toMatchObject({ message: 'withdrawn' });
    await clock.pass(5 * 60_000);
    expect(await failures[0]).toMatchObject({ code: 'PROTOCOL_INVALID_REQUEST' });
    expect([held, clock.pending]).toEqual([[], 0]);
  });
});

import { describe, expect, it } from 'vitest';
import { AnswerTimes } from './answer-times.ts';

const LONGEST = 0.2;

/** What becomes of so many calls to a server that takes so long: whether each found the process awake. */
function callTimes(answers: AnswerTimes, count: number, took: (wasAwake: boolean) => number): boolean[] {
  return Array.from({ length: count }, () => {
    const wasAwake = answers.shouldStayAwake(LONGEST);
    answers.note(took(wasAwake), wasAwake);
    return wasAwake;
  });
}

const shareOf = (calls: readonly boolean[]): number => calls.filter(Boolean).length / calls.length;
/** Without the first ones, which learn. */
const learned = (took: (wasAwake: boolean) => number): number => {
  const answers = new AnswerTimes();
  callTimes(answers, 100, took);
  return shareOf(callTimes(answers, 640, took));
};

describe('AnswerTimes', () => {
  it('takes a server for slow of which nothing is known', () => {
    expect(new AnswerTimes().shouldStayAwake(LONGEST)).toBe(false);
  });

  it('stays awake where it pays, but for a call in 64', () => {
    expect(learned((wasAwake) => (wasAwake ? 0.09 : 0.12))).toBeCloseTo(63 / 64);
  });

  it('sleeps where it does not, as when both share a core, but for a call in 64', () => {
    expect(learned((wasAwake) => (wasAwake ? 0.4 : 0.05))).toBeCloseTo(1 / 64);
  });

  it('sleeps always where the server takes longer', () => {
    expect(learned((wasAwake) => (wasAwake ? 0.1 : 0.21))).toBe(0);
  });

  it('learns that a server has become slow, and that it is fast again', () => {
    const answers = new AnswerTimes();
    callTimes(answers, 100, () => 0.1);
    const fast = (wasAwake: boolean): number => (wasAwake ? 0.09 : 0.12);
    callTimes(answers, 20, () => 30_000);
    expect(shareOf(callTimes(answers, 100, () => 30_000))).toBe(0);
    callTimes(answers, 200, fast);
    expect(shareOf(callTimes(answers, 640, fast))).toBeGreaterThan(0.9);
  });

  it('forgets a single call that took long', () => {
    const answers = new AnswerTimes();
    const fast = (wasAwake: boolean): number => (wasAwake ? 0.09 : 0.12);
    callTimes(answers, 200, fast);
    answers.note(60_000, true);
    callTimes(answers, 32, fast);
    expect(shareOf(callTimes(answers, 64, fast))).toBeGreaterThan(0.9);
  });
});

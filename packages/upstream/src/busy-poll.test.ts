import { describe, expect, it } from 'vitest';
import { FakeProcess } from '../test/support/fake-process.ts';
import { AnswerTimes } from './answer-times.ts';

/** Of a server that answers at once when the process is awake; what is noted is in `noted`. */
class Fast extends AnswerTimes {
  readonly noted: [number, boolean][] = [];

  override shouldStayAwake(): boolean {
    return true;
  }

  override note(took: number, wasAwake: boolean): void {
    this.noted.push([Math.round(took * 100) / 100, wasAwake]);
  }
}

class Slow extends Fast {
  override shouldStayAwake(): boolean {
    return false;
  }
}

describe('BusyPoll', () => {
  it('keeps the process awake until the answer is there', () => {
    const [one, fast] = [new FakeProcess(), new Fast()];
    one.poll.begin(fast);
    for (let turn = 0; turn < 10; turn += 1) one.pass(0.01);
    expect(one.turns).toBe(1);
    one.poll.end(fast);
    one.pass(0);
    expect(one.turns).toBe(0);
    expect(fast.noted).toEqual([[0.1, true]]);
  });

  it('lets it sleep after 0.2 ms, whatever the server did before', () => {
    const [one, fast] = [new FakeProcess(), new Fast()];
    one.poll.begin(fast);
    one.pass(0.19);
    expect(one.turns).toBe(1);
    one.pass(0.02);
    expect(one.turns).toBe(0);
    one.pass(100);
    one.poll.end(fast);
    expect(fast.noted).toEqual([[100.21, true]]);
  });

  it('lets it sleep while it waits for a server where that is better', () => {
    const [one, slow] = [new FakeProcess(), new Slow()];
    one.poll.begin(slow);
    expect(one.turns).toBe(0);
    one.pass(0.1);
    one.poll.end(slow);
    expect(slow.noted).toEqual([[0.1, false]]);
  });

  it('lets it sleep as soon as a second call is under way, and notes the time of neither', () => {
    const [one, fast] = [new FakeProcess(), new Fast()];
    one.poll.begin(fast);
    one.poll.begin(fast);
    one.pass(0.01);
    expect(one.turns).toBe(0);
    one.poll.end(fast);
    one.pass(0.01);
    expect(one.turns).toBe(0);
    one.poll.end(fast);
    expect(fast.noted).toEqual([]);
    one.poll.begin(fast);
    expect(one.turns).toBe(1);
    one.poll.end(fast);
    expect(fast.noted).toEqual([[0, true]]);
  });

  it('turns once, however many calls follow each other within a turn', () => {
    const [one, fast] = [new FakeProcess(), new Fast()];
    for (let call = 0; call < 3; call += 1) {
      one.poll.begin(fast);
      one.poll.end(fast);
    }
    one.poll.begin(fast);
    expect(one.turns).toBe(1);
    one.pass(0.1);
    expect(one.turns).toBe(1);
  });

  it('lets it sleep when a slow server is called in the turn in which a fast one has answered', () => {
    const [one, fast] = [new FakeProcess(), new Fast()];
    one.poll.begin(fast);
    one.poll.end(fast);
    one.poll.begin(new Slow());
    one.pass(0.01);
    expect(one.turns).toBe(0);
  });
});

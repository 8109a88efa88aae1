import { describe, expect, it } from 'vitest';
import { DrivenClock, settle } from '@hostler/test-kit';
import { failureOf } from '../test/support/failure-of.ts';
import { CallGate } from './call-gate.ts';

function makeGate(running: number, waiting: number) {
  const clock = new DrivenClock();
  const gate = new CallGate({ server: 'a', clock, running, waiting, callTimeout: 10_000 });
  const { signal } = new AbortController();
  return { clock, gate, signal };
}

describe('a gate', () => {
  it('lets so many in, and the others in the order they came', async () => {
    const { gate, signal, clock } = makeGate(2, 8);
    expect([gate.tryEnter(), gate.tryEnter(), gate.tryEnter()]).toEqual([true, true, false]);
    const entered: number[] = [];
    const waiters = [1, 2, 3].map((number) => gate.enter(signal).then(() => entered.push(number)));
    gate.leave();
    await settle();
    expect(entered).toEqual([1]);
    expect(gate.tryEnter()).toBe(false);
    gate.leave();
    gate.leave();
    await Promise.all(waiters);
    expect(entered).toEqual([1, 2, 3]);
    gate.leave();
    expect(gate.isBusy).toBe(true);
    gate.leave();
    expect(gate.isBusy).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('refuses at once who finds no room in the line', async () => {
    const { gate, signal } = makeGate(1, 1);
    gate.tryEnter();
    const waiting = gate.enter(signal);
    await expect(gate.enter(signal)).rejects.toMatchObject({
      code: 'UPSTREAM_OVERLOADED',
      details: { limit: '1 calls run and 1 wait', mayHaveRun: false, retryAfter: 1 },
    });
    gate.leave();
    await waiting;
  });

  it('lets nobody wait where that is not wanted', async () => {
    const { gate, signal } = makeGate(1, 0);
    gate.tryEnter();
    await expect(gate.enter(signal)).rejects.toMatchObject({ code: 'UPSTREAM_OVERLOADED' });
  });

  it('forgets who left the line, and gives the place to the next', async () => {
    const { gate, signal, clock } = makeGate(1, 2);
    gate.tryEnter();
    const controller = new AbortController();
    const left = failureOf(gate.enter(controller.signal));
    const next = gate.enter(signal);
    controller.abort(new Error('gone'));
    expect(await left).toMatchObject({ message: 'gone' });
    const another = gate.enter(signal);
    gate.leave();
    await next;
    gate.leave();
    await another;
    gate.leave();
    expect(gate.isBusy).toBe(false);
    expect(clock.pending).toBe(0);
    await expect(gate.enter(controller.signal)).rejects.toThrow('gone');
  });

  it('counts the time in the line as time of the call', async () => {
    const { gate, signal, clock } = makeGate(1, 2);
    gate.tryEnter();
    const served = gate.enter(signal);
    const late = failureOf(gate.enter(signal));
    await clock.pass(4_000);
    gate.leave();
    expect(await served).toBe(6_000);
    await clock.pass(6_000);
    expect(await late).toMatchObject({ code: 'UPSTREAM_TIMEOUT', details: { mayHaveRun: false } });
    gate.leave();
    expect(gate.isBusy).toBe(false);
  });

  it('tells those who wait when it closes', async () => {
    const { gate, signal, clock } = makeGate(1, 2);
    gate.tryEnter();
    const waiting = failureOf(gate.enter(signal));
    gate.close(new Error('over'));
    expect(await waiting).toMatchObject({ message: 'over' });
    await expect(gate.enter(signal)).rejects.toThrow('over');
    expect(clock.pending).toBe(0);
  });
});

import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenForServerSignals, listenForStop } from './stop-signals.ts';

function world() {
  const source = new EventEmitter();
  let time = 1_000;
  const requests = listenForStop(source, { now: () => time });
  return { source, requests, pass: (milliseconds: number) => (time += milliseconds) };
}

describe('listenForStop', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('takes %s as the request to stop', (signal) => {
    const { source, requests } = world();
    source.emit(signal);
    expect(requests.stop.aborted).toBe(true);
    expect(requests.hurry.aborted).toBe(false);
  });

  it('takes a second signal as the request to hurry', () => {
    const { source, requests, pass } = world();
    source.emit('SIGTERM');
    pass(2_000);
    source.emit('SIGINT');
    expect(requests.hurry.aborted).toBe(true);
  });

  it('takes one key press that arrives twice as one', () => {
    const { source, requests, pass } = world();
    source.emit('SIGINT');
    pass(20);
    source.emit('SIGINT');
    expect(requests.hurry.aborted).toBe(false);
  });

  it('gives the signals back', () => {
    const { source, requests } = world();
    requests.release();
    expect(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => source.listenerCount(signal))).toEqual([0, 0, 0]);
  });
});

describe('listenForServerSignals', () => {
  function serverWorld(hasTerminal: boolean) {
    const source = new EventEmitter();
    const requests = listenForServerSignals(source, hasTerminal);
    const reloads: string[] = [];
    requests.onReload(() => reloads.push('reload'));
    return { source, requests, reloads };
  }

  it('takes SIGHUP as the request to reload where there is no terminal', () => {
    const { source, requests, reloads } = serverWorld(false);
    source.emit('SIGHUP');
    source.emit('SIGHUP');
    expect(reloads).toHaveLength(2);
    expect(requests.stop.aborted).toBe(false);
    source.emit('SIGTERM');
    expect(requests.stop.aborted).toBe(true);
  });

  it('takes SIGHUP as the request to stop where the terminal is gone', () => {
    const { source, requests, reloads } = serverWorld(true);
    source.emit('SIGHUP');
    expect([requests.stop.aborted, reloads]).toEqual([true, []]);
  });

  it.each([true, false])('gives the signals back', (hasTerminal) => {
    const { source, requests } = serverWorld(hasTerminal);
    requests.release();
    expect(source.eventNames()).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Clock } from '@hostler/kernel';
import { createFileWatch } from './watch-file.ts';

/** A clock that moves when it is told to, and a file that is as it is told to be. */
function world() {
  let state = 'first';
  let next: (() => void) | undefined;
  let looked = Promise.withResolvers<void>();
  const clock: Clock = {
    now: () => 0,
    after(_delay, callback) {
      next = callback;
      looked.resolve();
      return () => (next = undefined);
    },
  };
  const changes: string[] = [];
  const watch = createFileWatch({
    path: '/x',
    clock,
    look: () => Promise.resolve(state),
    onChange: () => changes.push(state),
  });
  return {
    watch,
    changes,
    isArmed: () => next !== undefined,
    start: async () => {
      watch.start();
      await looked.promise;
    },
    /** What the file is from now on, and the next look at it. */
    look: async (now = state) => {
      state = now;
      looked = Promise.withResolvers<void>();
      const callback = next;
      next = undefined;
      callback?.();
      await looked.promise;
    },
  };
}

describe('createFileWatch', () => {
  it('reports nothing while nothing changes', async () => {
    const { start, look, changes } = world();
    await start();
    await look();
    await look();
    expect(changes).toEqual([]);
  });

  it('reports a change once, when the file is at rest', async () => {
    const { start, look, changes } = world();
    await start();
    await look('half');
    await look('whole');
    expect(changes).toEqual([]);
    await look();
    await look();
    expect(changes).toEqual(['whole']);
  });

  it('reports that the file is gone, and that it is back, also as it was', async () => {
    const { start, look, changes } = world();
    await start();
    await look('absent');
    await look();
    await look('first');
    await look();
    expect(changes).toEqual(['absent', 'first']);
  });

  it('does not report what was undone in between', async () => {
    const { start, look, changes } = world();
    await start();
    await look('other');
    await look('first');
    await look();
    expect(changes).toEqual([]);
  });

  it('looks no more when it is stopped, and starts once', async () => {
    const { start, watch, isArmed } = world();
    await start();
    watch.start();
    expect(isArmed()).toBe(true);
    watch.stop();
    expect(isArmed()).toBe(false);
    watch.stop();
  });
});

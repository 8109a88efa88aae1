import { DrivenClock, settle } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { Places } from './places.ts';

const call = () => ({ signal: new AbortController().signal });

/** Takes places and notes who has one. */
function taking(spec: ConstructorParameters<typeof Places>[0]) {
  const clock = new DrivenClock();
  const places = new Places(spec, clock);
  const entered: string[] = [];
  const take = async (name: string, signal = new AbortController().signal): Promise<void> => {
    await places.take({ signal });
    entered.push(name);
  };
  return { clock, places, entered, take };
}

describe('places', () => {
  it('are waited for in the order of arrival, by no more than may wait', async () => {
    const { places, entered, take } = taking({ concurrent: 1, waiting: 2 });
    const running = [take('a'), take('b'), take('c')];
    await settle();
    await expect(take('d')).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', details: { limit: '1 at a time' } });
    expect(entered).toEqual(['a']);
    places.leave();
    await settle();
    expect(entered).toEqual(['a', 'b']);
    // Who comes now does not overtake.
    running.push(take('e'));
    places.leave();
    await settle();
    expect(entered).toEqual(['a', 'b', 'c']);
    places.leave();
    await Promise.all(running);
    expect(entered).toEqual(['a', 'b', 'c', 'e']);
  });

  it('are not waited for unless it is said, and taken without a promise', () => {
    const { places } = taking({ concurrent: 1 });
    expect(places.take(call())).toBeUndefined();
    expect(() => places.take(call())).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
  });

  it('are waited for 10 seconds at most', async () => {
    const { clock, places, take, entered } = taking({ concurrent: 1, waiting: 1 });
    await take('a');
    const waiting = take('b').catch((error: unknown) => error);
    await clock.pass(9_999);
    expect(clock.pending).toBe(1);
    await clock.pass(1);
    expect(await waiting).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    places.leave();
    await take('c');
    expect(entered).toEqual(['a', 'c']);
    expect(clock.pending).toBe(0);
  });

  it('are not given to who went away', async () => {
    const { clock, places, take, entered } = taking({ concurrent: 1, waiting: 2 });
    await take('a');
    const leaving = new AbortController();
    const gone = take('b', leaving.signal).catch((error: unknown) => error);
    const next = take('c');
    leaving.abort(new Error('gone'));
    expect(await gone).toMatchObject({ message: 'gone' });
    await expect(take('d', AbortSignal.abort(new Error('gone before')))).rejects.toThrow('gone before');
    places.leave();
    await next;
    expect(entered).toEqual(['a', 'c']);
    expect(clock.pending).toBe(0);
  });

  it('are more, or fewer, from one moment to the next', async () => {
    const { places, take, entered } = taking({ concurrent: 1, waiting: 5 });
    const all = ['a', 'b', 'c', 'd'].map((name) => take(name));
    await settle();
    places.change({ concurrent: 3, waiting: 5 });
    await settle();
    expect(entered).toEqual(['a', 'b', 'c']);
    places.change({ concurrent: 1, waiting: 5 });
    places.leave();
    places.leave();
    await settle();
    expect(entered).toEqual(['a', 'b', 'c']);
    places.change({});
    await Promise.all(all);
    expect(entered).toEqual(['a', 'b', 'c', 'd']);
  });
});

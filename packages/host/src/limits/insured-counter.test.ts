import { DrivenClock } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import type { CallCounter, Counted } from './call-counter.ts';
import { createInsuredCounter } from './insured-counter.ts';
import { createMemoryCounter } from './memory-counter.ts';

const USE = { key: 'x', rate: { count: 2, per: 3_600_000 }, burst: 2 };

function insured(whenAway: 'local' | 'refuse') {
  const clock = new DrivenClock();
  const told: string[] = [];
  const log = {
    debug() {},
    info: (_: object, text: string) => told.push(text),
    warn() {},
    error: (_: object, text: string) => told.push(text),
  };
  const store = { answer: (): Counted | Promise<Counted> => ({ busy: [1] }), asked: 0 };
  const shared: CallCounter = {
    take() {
      store.asked += 1;
      return store.answer();
    },
  };
  const local = whenAway === 'local' ? createMemoryCounter({ clock, entries: 10 }) : undefined;
  const counter = createInsuredCounter({ shared, local, clock, log });
  return { counter, clock, store, told };
}

const fails = (): never => {
  throw new Error('connection refused');
};

describe('a counter that is away', () => {
  it('A-26: with `local` this host counts for itself, with the same rates, and says so once', async () => {
    const { counter, clock, store, told } = insured('local');
    expect(await counter.take([USE])).toEqual({ busy: [1] });
    store.answer = fails;
    expect([await counter.take([USE]), await counter.take([USE]), await counter.take([USE])]).toMatchObject([
      { busy: [1_800_000] },
      { busy: [3_600_000] },
      { refused: 0 },
    ]);
    // It is asked again now and then, by one request.
    expect(store.asked).toBe(2);
    await clock.pass(1_000);
    await Promise.all([counter.take([USE]), counter.take([USE]), counter.take([USE])]);
    expect(store.asked).toBe(3);
    expect(told).toEqual(['the store of the limits is away: this host counts for itself']);
    expect(counter.state()).toEqual({ away: true, shared: 1, without: 6 });
    store.answer = () => ({ busy: [7] });
    await clock.pass(1_000);
    expect(await counter.take([USE])).toEqual({ busy: [7] });
    expect(await counter.take([USE])).toEqual({ busy: [7] });
    expect(told).toHaveLength(2);
    expect(counter.state()).toMatchObject({ away: false, shared: 3 });
    expect(clock.pending).toBe(0);
  });

  it('A-26: with `refuse` nothing that has a limit is let through', async () => {
    const { counter, store } = insured('refuse');
    store.answer = fails;
    await expect(counter.take([USE])).rejects.toMatchObject({
      code: 'LIMIT_STORE_AWAY',
      kind: { http: 503, retryable: true },
      details: { retryAfter: 1, mayHaveRun: false },
    });
    expect(() => counter.take([USE])).toThrow(expect.objectContaining({ code: 'LIMIT_STORE_AWAY' }));
  });

  it('holds no call up for longer than 51 ms', async () => {
    const { counter, clock, store } = insured('local');
    store.answer = () => new Promise(() => undefined);
    const counted = counter.take([USE]);
    await clock.pass(50);
    expect(clock.pending).toBe(1);
    await clock.pass(1);
    expect(await counted).toMatchObject({ busy: [1_800_000] });
    // One that comes too late is no sign yet, three in a row are.
    expect(counter.state().away).toBe(false);
    const others = [counter.take([USE]), counter.take([USE])];
    await clock.pass(51);
    // oxlint-disable-next-line no-await-in-loop -- two
    for (const other of others) expect(await other).toHaveProperty('busy');
    expect(counter.state().away).toBe(true);
    // The next ones do not wait at all.
    expect(counter.take([USE])).not.toBeInstanceOf(Promise);
  });
});

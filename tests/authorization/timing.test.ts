import { crc32 } from 'node:zlib';
import { createKey } from '@hostler/auth';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newKey, startGuarded } from './guarded-host.ts';
import type { GuardedHost } from './guarded-host.ts';

const SAMPLES = 50_000;
/** Texts are made before, so that what is measured is the question alone. */
const TEXTS = 2_000;

const known = newKey();
let host: GuardedHost;
beforeAll(async () => {
  host = await startGuarded({
    consumers: { a: { keys: [known.entry, ...Array.from({ length: 200 }, () => newKey().entry)] } },
  });
});
afterAll(() => host?.[Symbol.asyncDispose]());

/** A key with that id and another secret, and with the checksum that belongs to it. */
function withId(id: string): string {
  const [, , secret] = createKey().key.split('_');
  const body = `hk_${id}_${secret}`;
  return `${body}_${crc32(body).toString(16).padStart(8, '0')}`;
}

const signal = new AbortController().signal;

/** Nanoseconds of one refusal. */
function sample(text: string): number {
  const facts = { authorization: `Bearer ${text}` };
  const begun = process.hrtime.bigint();
  try {
    void host.runtime.consumers.identify(facts, signal);
  } catch {
    return Number(process.hrtime.bigint() - begun);
  }
  throw new Error('was let in');
}

const median = (values: Float64Array): number => values.toSorted()[values.length >> 1] ?? 0;

/**
 * The two take turns, and in turns go first, so that what else the machine does falls on both alike. The medians of 50,000
 * each, some 6 µs, were at most 3 % apart in all measurements, on an idle machine and on a busy one. The bound is 10 %:
 * 0.6 µs, far below what shows over a network, and less than what a second look at a key that is known by its id costs.
 */
it('A-15 a key with a known id takes as long to refuse as one with an unknown id', () => {
  const [, id = ''] = known.key.split('_');
  const texts = [
    Array.from({ length: TEXTS }, () => withId(id)),
    Array.from({ length: TEXTS }, () => withId(createKey().key.split('_')[1] ?? '')),
  ] as const;
  const times = [new Float64Array(SAMPLES), new Float64Array(SAMPLES)] as const;
  for (let warm = 0; warm < 10_000; warm += 1) sample(texts[warm % 2 === 0 ? 0 : 1][warm % TEXTS] ?? '');
  for (let turn = 0; turn < SAMPLES; turn += 1) {
    const order = turn % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const kind of order) times[kind][turn] = sample(texts[kind][turn % TEXTS] ?? '');
  }
  const [first, second] = [median(times[0]), median(times[1])];
  expect(Math.abs(first - second) / Math.max(first, second)).toBeLessThan(0.1);
});

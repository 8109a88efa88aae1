import type { CallRate, Clock, CountedRate, Exchange } from '@hostler/kernel';
import { limitErrors } from '../errors.ts';
import { leftOf, waitFor } from './call-counter.ts';
import type { CallCounter, Counted, RateUse } from './call-counter.ts';
import { burstOf, RateBucket, rateText } from './rate-bucket.ts';

/** With what is counted. */
export interface Counting {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** What several hosts count in together; absent: each for itself. */
  readonly counter?: CallCounter | undefined;
}

export interface MeterOptions {
  readonly name: CountedRate['name'];
  /** Under which others count the same. */
  readonly key: string;
  readonly rate: CallRate;
}

/** Counts the calls of one rate. */
export class Meter {
  readonly name: CountedRate['name'];
  readonly bucket: RateBucket;
  #use: RateUse;

  constructor({ name, key, rate }: MeterOptions, { clock }: Counting) {
    this.name = name;
    this.#use = { key, rate, burst: burstOf(rate) };
    this.bucket = new RateBucket(rate, clock.now());
  }

  get use(): RateUse {
    return this.#use;
  }

  change(rate: CallRate, now: number): void {
    const { key } = this.#use;
    this.#use = { key, rate, burst: burstOf(rate) };
    this.bucket.change(rate, now);
  }
}

/** Who is told what was counted. */
export type Told = Pick<Exchange, 'counted'>;

/**
 * Counts a call against all of these, or against none. Without a promise unless others count as well.
 * @throws LIMIT_EXCEEDED, LIMIT_STORE_AWAY: then nothing was counted
 */
export function countCall({ clock, counter }: Counting, meters: readonly Meter[], told: Told): void | Promise<void> {
  if (counter !== undefined) {
    const counted = counter.take(meters.map(({ use }) => use));
    return counted instanceof Promise ? counted.then((each) => tell(meters, each, told)) : tell(meters, counted, told);
  }
  const now = clock.now();
  for (const meter of meters) {
    const wait = meter.bucket.wait(now);
    if (wait <= 0) continue;
    tellOf(meter, meter.bucket.left(), meter.bucket.busy(), told);
    throw tooMany(meter, wait);
  }
  for (const meter of meters) {
    meter.bucket.add();
    if (told.counted !== undefined) tellOf(meter, meter.bucket.left(), meter.bucket.busy(), told);
  }
}

function tell(meters: readonly Meter[], { refused, busy }: Counted, told: Told): void {
  for (const [index, meter] of meters.entries()) {
    const used = busy[index] ?? 0;
    if (refused === undefined || index === refused) tellOf(meter, leftOf(meter.use, used), used, told);
    if (index === refused) throw tooMany(meter, waitFor(meter.use, used));
  }
}

function tellOf({ name, use: { rate } }: Meter, left: number, reset: number, told: Told): void {
  told.counted?.({ name, count: rate.count, per: rate.per, left, reset });
}

function tooMany({ name, use }: Meter, wait: number): Error {
  const retryAfter = Math.max(1, Math.ceil(wait / 1_000));
  const whose = name === 'consumer' ? '' : ` of this ${name}`;
  return limitErrors.EXCEEDED({ details: { limit: `${rateText(use.rate)}${whose}`, retryAfter, mayHaveRun: false } });
}

import type { CallCounter, Counted, RateUse } from '@hostler/host';
import { fromWords } from '@hostler/upstream/relay';
import type { Link } from '@hostler/upstream/relay';
import { LIMITS_PART } from './parts-of-link.ts';
import type { LimitAnswer } from './parts-of-link.ts';

/**
 * Counts in the process that all workers share, so that a rate holds over all of them. Calls without a rate ask nobody.
 * Without that process there is no worker, so that no answer is waited for in vain.
 */
export function createRelayedCounter(link: Pick<Link, 'send' | 'receive'>): CallCounter {
  const waiting = new Map<number, PromiseWithResolvers<Counted>>();
  let last = 0;
  link.receive(LIMITS_PART, (message) => {
    const { number, counted, error } = message as LimitAnswer;
    const asked = waiting.get(number);
    waiting.delete(number);
    if (counted !== undefined) asked?.resolve(counted);
    else if (error !== undefined) asked?.reject(fromWords(error));
  });
  return {
    take(uses: readonly RateUse[]) {
      last += 1;
      const asked = Promise.withResolvers<Counted>();
      waiting.set(last, asked);
      link.send(LIMITS_PART, { number: last, uses });
      return asked.promise;
    },
  };
}

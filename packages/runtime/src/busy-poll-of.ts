import { BusyPoll } from '@hostler/upstream';
import type { PoolOptions } from '@hostler/upstream';
import { isCpuRationed } from './cpu-ration.ts';
import type { RuntimeOptions } from './runtime.ts';

/**
 * None where the process should sleep whenever it waits: where the configuration wants it, where time of cores is short,
 * and where workers share them.
 */
export function busyPollOf(
  { plan, worker, workers = 1 }: Pick<RuntimeOptions, 'plan' | 'worker' | 'workers'>,
  isRationed: () => boolean = isCpuRationed,
): Pick<PoolOptions, 'busyPoll'> {
  const isWanted = plan.calls.busyPoll && worker === undefined && workers === 1;
  return isWanted && !isRationed() ? { busyPoll: new BusyPoll() } : {};
}

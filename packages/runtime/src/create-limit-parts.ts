import type { CallCounter, HostOptions } from '@hostler/host';
import { createLimitCounter } from './create-limit-counter.ts';
import type { LimitCounter, LimitCounterOptions } from './create-limit-counter.ts';
import { createLimits } from './create-limits.ts';
import type { Limits } from './create-limits.ts';

export interface LimitPartsOptions extends LimitCounterOptions {
  readonly plan: LimitCounterOptions['plan'] & { readonly consumers?: Parameters<typeof createLimits>[0] };
  /** What the processes of this host count in together, where the plan names nothing else. */
  readonly together?: CallCounter | undefined;
}

export interface LimitParts {
  /** Absent: this host counts for itself. */
  readonly limitCounter: LimitCounter | undefined;
  readonly limits: Limits;
  readonly counter: CallCounter | undefined;
  readonly forHost: Pick<HostOptions, 'limitOf' | 'subscriptionsOf' | 'counter'>;
}

/** How much consumers may ask for, and where that is counted. @throws LIMIT_STORE_NOT_INSTALLED */
export async function createLimitParts(options: LimitPartsOptions): Promise<LimitParts> {
  const limitCounter = await createLimitCounter(options);
  const counter = limitCounter?.counter ?? options.together;
  const limits = createLimits(options.plan.consumers, { clock: options.clock, counter });
  return {
    limitCounter,
    limits,
    counter,
    forHost: {
      limitOf: (consumer) => limits.of(consumer),
      subscriptionsOf: (consumer) => limits.specOf(consumer)?.subscriptions,
      ...(counter && { counter }),
    },
  };
}

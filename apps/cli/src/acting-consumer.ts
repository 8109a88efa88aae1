import type { HostPlan } from '@hostler/config';
import type { Consumer, View } from '@hostler/kernel';
import { createView, fullView, intersectViews } from '@hostler/router';
import { cliErrors } from './errors.ts';

export interface ActingFlags {
  /** Name of the consumer whose view is taken. */
  readonly as?: string | undefined;
  /** Name of the bundle through which it looks. */
  readonly bundle?: string | undefined;
}

/** Whoever may start the host may see all of it: a command acts as the host itself unless told otherwise. */
export const operator: Consumer = { name: 'hostler' };

/** Who a command acts as in the host that it starts. @throws CLI_USAGE for a consumer that is not configured */
export function actingConsumer(plan: HostPlan, name: string | undefined): Consumer {
  return name === undefined ? operator : { name: consumerNamed(plan, name).name };
}

/** What it sees; absent: everything. @throws CLI_USAGE */
export function actingView(plan: HostPlan, { as, bundle }: ActingFlags): View | undefined {
  const own = as === undefined ? undefined : createView(consumerNamed(plan, as));
  if (bundle === undefined) return own;
  return intersectViews(own ?? fullView, createView(bundleNamed(plan, bundle, as)));
}

/** The bundle; one that is not this consumer's is none. @throws CLI_USAGE */
export function bundleNamed(plan: HostPlan, name: string, as?: string): HostPlan['bundles'][number] {
  const own = as === undefined ? undefined : consumerNamed(plan, as).bundles;
  const known = plan.bundles.filter((bundle) => own?.includes(bundle.name) ?? true);
  const found = known.find((bundle) => bundle.name === name);
  if (found !== undefined) return found;
  const names = known.map((bundle) => bundle.name).join(', ');
  const whose = as === undefined ? '' : ` for ${as}`;
  throw cliErrors.USAGE({
    details: { problem: `No bundle is called "${name}"${whose}. There are: ${names || 'none'}.` },
  });
}

export function consumerNamed({ consumers = [] }: HostPlan, name: string): NonNullable<HostPlan['consumers']>[number] {
  const found = consumers.find((consumer) => consumer.name === name);
  if (found !== undefined) return found;
  const names = consumers.map((consumer) => consumer.name).join(', ');
  const problem = `No consumer is called "${name}". There are: ${names || 'none'}.`;
  throw cliErrors.USAGE({ details: { problem } });
}

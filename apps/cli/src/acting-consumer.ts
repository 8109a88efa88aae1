import type { HostPlan } from '@hostler/config';
import type { Consumer, View } from '@hostler/kernel';
import { createView } from '@hostler/router';
import { cliErrors } from './errors.ts';

export interface ActingFlags {
  /** Name of the consumer whose view is taken. */
  readonly as?: string | undefined;
}

/** Whoever may start the host may see all of it: a command acts as the host itself unless told otherwise. */
export const operator: Consumer = { name: 'hostler' };

/** Who a command acts as in the host that it starts. @throws CLI_USAGE for a consumer that is not configured */
export function actingConsumer(plan: HostPlan, name: string | undefined): Consumer {
  return name === undefined ? operator : { name: consumerNamed(plan, name).name };
}

/** What it sees; absent: everything. @throws CLI_USAGE */
export function actingView(plan: HostPlan, name: string | undefined): View | undefined {
  return name === undefined ? undefined : createView(consumerNamed(plan, name));
}

export function consumerNamed({ consumers = [] }: HostPlan, name: string): NonNullable<HostPlan['consumers']>[number] {
  const found = consumers.find((consumer) => consumer.name === name);
  if (found !== undefined) return found;
  const names = consumers.map((consumer) => consumer.name).join(', ');
  const problem = `No consumer is called "${name}". There are: ${names || 'none'}.`;
  throw cliErrors.USAGE({ details: { problem } });
}

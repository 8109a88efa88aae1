import type { Consumer } from '@hostler/kernel';
import type { EndpointLimits } from '../limits.ts';

/** What is under way, each for a consumer. */
export interface Running extends Iterable<{ readonly consumer: Consumer }> {
  readonly size: number;
}

/**
 * Whether one more request of this consumer may be under way. One that has proved who it is cannot take all the places of
 * others; it is counted only when all together are as many as one may have.
 */
export function hasRoom(
  running: Running,
  { name, identity }: Consumer,
  { inFlight, inFlightPerConsumer }: Pick<EndpointLimits, 'inFlight' | 'inFlightPerConsumer'>,
): boolean {
  if (running.size < inFlightPerConsumer && running.size < inFlight) return true;
  if (running.size >= inFlight) return false;
  if (identity === undefined) return true;
  let own = 0;
  for (const { consumer } of running) if (consumer.name === name) own += 1;
  return own < inFlightPerConsumer;
}

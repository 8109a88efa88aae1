import type { Outcome } from '@hostler/kernel';

/** Whether a server takes a subscription. A legacy server says so with an answer of its own. */
export interface Acceptance {
  readonly accepted: boolean;
  readonly answer?: Outcome;
}

/** The subscriptions on one connection, in the form of its era. */
export interface SubscriptionLeg {
  /** @throws UPSTREAM_* when it is not known whether the server took it */
  add(uri: string): Promise<Acceptance>;
  remove(uri: string): void;
  /** Ends everything; nothing is said after it. */
  stop(): void;
}

/** So many calls in so many milliseconds. */
export interface CallRate {
  readonly count: number;
  readonly per: number;
}

/** Requests in a time. */
export interface RateSpec {
  readonly calls?: CallRate;
  /** Calls of tools, all that fit a pattern together: `server/name` of a consumer, `name` of a server. */
  readonly tools?: Readonly<Record<string, CallRate>>;
}

/** How much a consumer may ask for, over all its clients together. What is absent has no limit. */
export interface CallLimitSpec extends RateSpec {
  /** Calls that run at the same time. */
  readonly concurrent?: number;
  /** Calls above `concurrent` that wait for a place; absent: none. */
  readonly waiting?: number;
  /** Long-lived streams, sessions, and resources that one session subscribes to; absent: the defaults of the host. */
  readonly streams?: number;
  readonly sessions?: number;
  readonly subscriptions?: number;
}

/** A rate after a request: how many calls it lets through at once from here, and after how many milliseconds all. */
export interface CountedRate extends CallRate {
  readonly name: 'consumer' | 'server' | 'tool';
  readonly left: number;
  readonly reset: number;
}

import type { RequestFacts } from '@hostler/auth';
import type { Consumer } from '@hostler/kernel';

/** Who may call, by the plan in force. */
export interface Consumers {
  /** Nobody has to prove anything: the plan has no consumers at all. */
  readonly isOpen: boolean;
  /**
   * Who has sent a request. Without a promise where nothing has to be waited for; `anonymous` where it is open.
   * @throws AUTH_MISSING, AUTH_INVALID, AUTH_EXPIRED, AUTH_FORBIDDEN, AUTH_SCOPE_MISSING, AUTH_UNAVAILABLE, or the reason of the signal
   */
  identify(facts: RequestFacts, signal: AbortSignal): Consumer | Promise<Consumer>;
  /** Whether what proved this consumer to be who it is still does. Cheap. */
  isGood(consumer: Consumer): boolean;
  /** None where it is open. */
  names(): readonly string[];
  /** The headers by which proxies say who somebody is, in lower case: mostly none. */
  readonly signedHeaders: readonly string[];
  /** Told when some may be good no longer: whoever holds something for consumers looks at it. Returns the end of it. */
  onChange(listener: () => void): () => void;
}

import type { Clock } from '@hostler/kernel';
import type { ConnectContext } from './connection.ts';

/** Milliseconds in which one secret is expired at most once. */
const INTERVAL = 60_000;

/**
 * The secrets, each of which can be expired once a minute: a server that refuses its credentials at every attempt to connect
 * shall not have them read from their provider at every attempt.
 */
export function limitExpiry(secrets: ConnectContext['secrets'], clock: Clock): ConnectContext['secrets'] {
  /** In the order of time. */
  const expiredAt = new Map<string, number>();

  function forgetOld(now: number): void {
    for (const [reference, at] of expiredAt) {
      if (now - at < INTERVAL) return;
      expiredAt.delete(reference);
    }
  }

  return {
    resolve: (reference, signal) => secrets.resolve(reference, signal),
    expire(reference) {
      const now = clock.now();
      forgetOld(now);
      if (expiredAt.has(reference)) return;
      expiredAt.set(reference, now);
      secrets.expire(reference);
    },
  };
}

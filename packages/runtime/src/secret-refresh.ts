import { createSecretWatch } from '@hostler/secrets';
import type { SecretWatch, SecretWatchOptions } from '@hostler/secrets';

/** Looks at secrets that may change, as often as the plan in force says. */
export interface SecretRefresh {
  /** @param interval milliseconds; 0 never looks */
  start(interval: number): void;
  /** Another interval, once it was started. */
  change(interval: number): void;
  /** For good. */
  stop(): void;
}

export function createSecretRefresh(options: Omit<SecretWatchOptions, 'interval'>): SecretRefresh {
  let watch: SecretWatch | undefined;
  let current: number | undefined;
  let isStopped = false;

  function start(interval: number): void {
    if (isStopped || interval === current) return;
    watch?.stop();
    current = interval;
    watch = interval === 0 ? undefined : createSecretWatch({ ...options, interval });
    watch?.start();
  }

  return {
    start,
    change(interval) {
      if (current !== undefined) start(interval);
    },
    stop() {
      isStopped = true;
      watch?.stop();
    },
  };
}

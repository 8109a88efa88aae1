import { secretErrors } from '../secret-errors.ts';
import type { SecretProvider, SecretReading } from '../secret-provider.ts';

export type MemoryFailure = 'NOT_FOUND' | 'ACCESS_DENIED' | 'DISABLED' | 'UNAVAILABLE';

/** For tests and for values that a program already has. */
export interface MemoryProvider extends SecretProvider {
  /** Stores a value and ends a failure of this path. */
  set(path: string, value: string | SecretReading): void;
  /** Every further read of this path fails this way, until `set`. */
  fail(path: string, failure: MemoryFailure): void;
}

/** `memory://path` from values by path. */
export function createMemoryProvider(
  values: Readonly<Record<string, string | SecretReading>>,
  scheme = 'memory',
): MemoryProvider {
  const readings = new Map(Object.entries(values));
  const failures = new Map<string, MemoryFailure>();
  return {
    scheme,
    async read(ref, { signal }) {
      signal.throwIfAborted();
      const failure = failures.get(ref.path);
      if (failure !== undefined) throw secretErrors[failure]();
      const stored = readings.get(ref.path);
      if (stored === undefined) throw secretErrors.NOT_FOUND();
      return typeof stored === 'string' ? { value: stored } : stored;
    },
    set(path, value) {
      failures.delete(path);
      readings.set(path, value);
    },
    fail(path, failure) {
      failures.set(path, failure);
    },
  };
}

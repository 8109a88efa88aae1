import type { Clock } from '@hostler/kernel';
import { isUnavailable, secretErrors, toSecretError } from '../secret-errors.ts';
import type { SecretProvider, SecretReading } from '../secret-provider.ts';
import type { SecretRef } from '../secret-ref.ts';
import { checkValue } from '../secret-value.ts';
import { pause, withDeadline } from './deadline.ts';
import type { SecretLimits } from './limits.ts';
import { ReadSlots } from './read-slots.ts';

export interface ReadSurroundings {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly random: () => number;
  readonly limits: SecretLimits;
}

/** Reads from one provider: a few at a time, each with a deadline, again when the provider is unavailable. */
export class ProviderReads {
  readonly provider: SecretProvider;
  readonly #surroundings: ReadSurroundings;
  readonly #slots: ReadSlots;

  constructor(provider: SecretProvider, surroundings: ReadSurroundings) {
    this.provider = provider;
    this.#surroundings = surroundings;
    this.#slots = new ReadSlots(surroundings.limits.concurrentReads, surroundings.limits.queuedReads);
  }

  async read(ref: SecretRef, outer: AbortSignal): Promise<SecretReading> {
    const { clock, limits, random } = this.#surroundings;
    return withDeadline({ clock, milliseconds: limits.totalTimeout, signal: outer }, async (signal) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.#slots.run(signal, () => this.#readOnce(ref, signal));
        } catch (error) {
          if (signal.aborted || !isUnavailable(error) || attempt >= limits.tries) throw error;
        }
        // Full jitter: readers that failed together do not come back together.
        await pause(clock, random() * Math.min(limits.maxBackoff, limits.backoff * 2 ** (attempt - 1)), signal);
      }
    });
  }

  /** Proves that the provider works; one without `check` counts as working. */
  async check(signal: AbortSignal): Promise<void> {
    const { clock, fetch, limits } = this.#surroundings;
    const { scheme } = this.provider;
    try {
      await withDeadline({ clock, milliseconds: limits.readTimeout, signal }, async (inner) =>
        this.provider.check?.({ signal: inner, fetch }),
      );
    } catch (error) {
      throw toSecretError(error, { text: `${scheme}://`, scheme, path: '' });
    }
  }

  async close(): Promise<void> {
    const { clock, limits } = this.#surroundings;
    const deadline = { clock, milliseconds: limits.readTimeout, signal: new AbortController().signal };
    await withDeadline(deadline, async () => this.provider.close?.());
  }

  async #readOnce(ref: SecretRef, outer: AbortSignal): Promise<SecretReading> {
    const { clock, fetch, limits } = this.#surroundings;
    const deadline = { clock, milliseconds: limits.readTimeout, signal: outer };
    return checkReading(await withDeadline(deadline, async (signal) => this.provider.read(ref, { signal, fetch })));
  }
}

/** A provider is foreign code: what it answers is checked, copied and kept. */
function checkReading(reading: SecretReading): SecretReading {
  if (typeof reading !== 'object' || reading === null) {
    throw secretErrors.VALUE_INVALID({ details: { problem: 'was not answered as { value }.' } });
  }
  const { version, expiresAt, pinned } = reading;
  if (expiresAt !== undefined && Number.isNaN(expiresAt.getTime())) {
    throw secretErrors.VALUE_INVALID({ details: { problem: 'has an expiry that is no date.' } });
  }
  return {
    value: checkValue(reading.value),
    ...(version === undefined ? {} : { version }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(pinned === undefined ? {} : { pinned }),
  };
}

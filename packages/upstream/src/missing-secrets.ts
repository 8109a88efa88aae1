import type { ConnectContext } from './connection.ts';
import type { MissingSecret } from './pool.ts';

/** Where the secrets of a connection stand; each part is read by somebody else, and headers again and again. */
export type SecretPart = 'headers' | 'tls';

/** What one connection goes without, put together from its parts and told whenever one of them has been read. */
export class MissingSecrets {
  readonly #context: Pick<ConnectContext, 'onMissing'>;
  readonly #parts = new Map<SecretPart, readonly MissingSecret[]>();

  constructor(context: Pick<ConnectContext, 'onMissing'>) {
    this.#context = context;
  }

  /** What takes in the reading of one part. */
  of(part: SecretPart): (missing: readonly MissingSecret[]) => void {
    return (missing) => {
      this.#parts.set(part, missing);
      this.#context.onMissing?.([...this.#parts.values()].flat());
    };
  }
}

import type { Clock, Logger } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';
import type { CryptoKey } from 'jose';
import { authErrors } from './auth-errors.ts';
import { fetchText, StatusError } from './issuer-documents.ts';
import { KEY_TIMES } from './issuer-keys.ts';
import type { LoadBalancerSpec } from './issuer-spec.ts';

const MAX_KEYS = 32;
/** Reads of keys that are not known, in the time of `KEY_TIMES.cooldown`: what names them is not proved yet. */
const MAX_NEW_READS = 10;
const KEY_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface LoadBalancerKeysOptions {
  readonly spec: LoadBalancerSpec;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly log: Logger;
  /** Fires when the table is closed. */
  readonly closed: AbortSignal;
  /** Whose place it takes. */
  readonly former?: LoadBalancerKeys | undefined;
}

interface HeldKey {
  /** Absent: there is none of this id. */
  readonly key: CryptoKey | undefined;
  readonly readAt: number;
  /** When it was last tried to read it anew. */
  readonly triedAt: number;
}

/** The public keys of the load balancers of a region: one document for each id. */
export class LoadBalancerKeys {
  readonly #options: LoadBalancerKeysOptions;
  readonly #held: Map<string, HeldKey>;
  readonly #reading = new Map<string, Promise<void>>();
  #newReads: readonly number[] = [];

  constructor(options: LoadBalancerKeysOptions) {
    this.#options = { ...options, former: undefined };
    this.#held = new Map(options.former && options.former.#held);
  }

  get spec(): LoadBalancerSpec {
    return this.#options.spec;
  }

  /** Whether these would be the keys of this load balancer as well. */
  areOf({ keys }: LoadBalancerSpec): boolean {
    return this.spec.keys === keys;
  }

  /** Absent: there is no such key. @throws AUTH_UNAVAILABLE, or the reason of the signal */
  async find(id: string, signal: AbortSignal): Promise<CryptoKey | undefined> {
    if (!KEY_ID.test(id)) return undefined;
    if (this.#isDue(id)) await this.#read(id, signal);
    const held = this.#held.get(id);
    if (held === undefined || this.#age(held) > KEY_TIMES.stale) throw this.#unavailable();
    return held.key;
  }

  #isDue(id: string): boolean {
    const held = this.#held.get(id);
    if (held === undefined) return true;
    if (held.key === undefined) return this.#age(held) > KEY_TIMES.cooldown;
    return this.#age(held) > KEY_TIMES.fresh && this.#options.clock.now() - held.triedAt >= KEY_TIMES.cooldown;
  }

  #age({ readAt }: HeldKey): number {
    return this.#options.clock.now() - readAt;
  }

  async #read(id: string, signal: AbortSignal): Promise<void> {
    let reading = this.#reading.get(id);
    if (reading === undefined) {
      if (this.#held.get(id)?.key === undefined && !this.#mayReadNew()) throw this.#unavailable();
      reading = this.#readOnce(id).finally(() => this.#reading.delete(id));
      this.#reading.set(id, reading);
    }
    await untilAborted(signal, reading);
  }

  #mayReadNew(): boolean {
    const now = this.#options.clock.now();
    const recent = this.#newReads.filter((at) => now - at < KEY_TIMES.cooldown);
    if (recent.length >= MAX_NEW_READS) return false;
    this.#newReads = [...recent, now];
    return true;
  }

  async #readOnce(id: string): Promise<void> {
    const { clock, log, closed, spec } = this.#options;
    const controller = new AbortController();
    const timeout = new DOMException('did not answer in time', 'TimeoutError');
    const cancel = clock.after(KEY_TIMES.timeout, () => controller.abort(timeout));
    const signal = AbortSignal.any([controller.signal, closed]);
    const now = clock.now();
    try {
      this.#hold(id, { key: await untilAborted(signal, this.#fetchKey(id, signal)), readAt: now, triedAt: now });
    } catch (error) {
      const held = this.#held.get(id);
      if (held !== undefined) this.#held.set(id, { ...held, triedAt: now });
      const reason = error instanceof Error ? error.message : 'unknown';
      if (!closed.aborted) log.warn({ issuer: spec.name, reason }, 'A key of the load balancer cannot be read');
    } finally {
      cancel();
    }
  }

  async #fetchKey(id: string, signal: AbortSignal): Promise<CryptoKey | undefined> {
    const { spec, fetch } = this.#options;
    try {
      const text = await fetchText(`${spec.keys.replace(/\/$/, '')}/${id}`, { fetch, signal });
      const { importSPKI } = await import('jose');
      return await importSPKI(text.trim(), 'ES256');
    } catch (error) {
      // The store of the keys answers like this where there is nothing.
      if (error instanceof StatusError && (error.status === 404 || error.status === 403)) return undefined;
      throw error;
    }
  }

  #hold(id: string, held: HeldKey): void {
    this.#held.delete(id);
    const ids = [...this.#held];
    // What is no key goes first: anybody can name one.
    const [oldest] = ids.find(([, { key }]) => key === undefined) ?? ids[0] ?? [];
    if (this.#held.size >= MAX_KEYS && oldest !== undefined) this.#held.delete(oldest);
    this.#held.set(id, held);
  }

  #unavailable(): Error {
    return authErrors.UNAVAILABLE({ cause: new Error(`no key of the load balancer ${this.spec.name}`) });
  }
}

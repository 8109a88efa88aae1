import type { Clock, Logger } from '@hostler/kernel';
import { isHostlerError } from '@hostler/kernel';
import type { SecretResolver } from './secret-resolver.ts';
import type { SecretStatus } from './secret-status.ts';

export interface SecretWatchOptions {
  readonly resolver: Pick<SecretResolver, 'refresh' | 'status'>;
  /** Asked at the beginning of every round. Those that nobody has resolved yet are left alone. */
  readonly references: () => Iterable<string>;
  readonly clock: Clock;
  /** Milliseconds from one read of a reference to its next, give or take a tenth; 0: never. */
  readonly interval: number;
  /** From 0 to 1; default `Math.random`. */
  readonly random?: () => number;
  readonly log: Logger;
}

/** Reads secrets again and again; what changed is told by `onChange` of the resolver. */
export interface SecretWatch {
  start(): void;
  /** Ends the reads that are running, too; no timer is left. */
  stop(): void;
}

/** Reads of one scheme at a time: half of the resolver's, so that a server that starts does not wait behind them. */
const READS_OF_A_SCHEME = 4;

export function createSecretWatch(options: SecretWatchOptions): SecretWatch {
  return new PollingWatch(options);
}

class PollingWatch implements SecretWatch {
  readonly #options: SecretWatchOptions;
  readonly #random: () => number;
  /** With their schemes. */
  readonly #running = new Map<string, string>();
  /** References that fail, for each kind of outage: one line in the log when it begins and one when it is over. */
  readonly #outages = new Map<string, Set<string>>();
  /** Still to be read in this round. */
  #round: SecretStatus[] = [];
  /** Read in this round together with another key of the same secret. */
  #confirmed = new Set<string>();
  #pace = 0;
  #cancel: (() => void) | undefined;
  #stopping: AbortController | undefined;

  constructor(options: SecretWatchOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  start(): void {
    if (this.#stopping !== undefined || this.#options.interval <= 0) return;
    this.#stopping = new AbortController();
    this.#beginRound();
    this.#wait();
  }

  stop(): void {
    this.#cancel?.();
    this.#stopping?.abort();
    this.#stopping = undefined;
    this.#round = [];
  }

  #beginRound(): void {
    const wanted = new Set(this.#options.references());
    this.#round = this.#options.resolver.status().filter(({ reference, pinned }) => wanted.has(reference) && !pinned);
    this.#confirmed = new Set();
    this.#pace = this.#options.interval / Math.max(1, this.#round.length);
    this.#forgetOutages(wanted);
  }

  #wait(): void {
    const delay = this.#pace * (0.9 + 0.2 * this.#random());
    this.#cancel = this.#options.clock.after(delay, () => this.#step());
  }

  #step(): void {
    if (this.#round.length === 0) this.#beginRound();
    const next = this.#round.shift();
    if (next !== undefined && !this.#confirmed.has(next.reference)) this.#poll(next);
    this.#wait();
  }

  #poll({ reference, scheme }: SecretStatus): void {
    const signal = this.#stopping?.signal;
    if (signal === undefined || this.#running.has(reference) || this.#isBusy(scheme)) return;
    this.#running.set(reference, scheme);
    void this.#read(reference, signal).finally(() => this.#running.delete(reference));
  }

  #isBusy(scheme: string): boolean {
    return [...this.#running.values()].filter((running) => running === scheme).length >= READS_OF_A_SCHEME;
  }

  async #read(reference: string, signal: AbortSignal): Promise<void> {
    const confirmed = this.#confirmed;
    try {
      await this.#options.resolver.refresh(reference, signal);
      this.#settle(reference);
      for (const name of this.#keysOfSecret(reference)) confirmed.add(name);
    } catch (error) {
      if (signal.aborted) return;
      const code = isHostlerError(error) ? error.code : 'unknown';
      this.#settle(reference, `${reference.slice(0, reference.indexOf(':'))} ${code}`, error);
    }
  }

  /** One read confirms all keys of a secret: they share its time, the very same object. */
  #keysOfSecret(reference: string): readonly string[] {
    const all = this.#options.resolver.status();
    const readAt = all.find((status) => status.reference === reference)?.readAt;
    return all.filter((status) => readAt !== undefined && status.readAt === readAt).map((status) => status.reference);
  }

  /** Moves the reference to its outage, if it is in one. */
  #settle(reference: string, outage?: string, error?: unknown): void {
    const { log } = this.#options;
    for (const [name, references] of this.#outages) {
      if (name === outage || !references.delete(reference) || references.size > 0) continue;
      this.#outages.delete(name);
      log.info({ outage: name }, 'secrets can be read again');
    }
    if (outage === undefined) return;
    const references = this.#outages.get(outage);
    if (references !== undefined) {
      references.add(reference);
      return;
    }
    this.#outages.set(outage, new Set([reference]));
    log.warn({ outage, reference, error }, 'secrets cannot be read again: the values that are known are served on');
  }

  #forgetOutages(wanted: ReadonlySet<string>): void {
    for (const references of this.#outages.values()) {
      for (const reference of references) if (!wanted.has(reference)) this.#settle(reference);
    }
  }
}

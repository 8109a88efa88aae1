import { createHmac, randomBytes } from 'node:crypto';
import type { HostlerError, Logger } from '@hostler/kernel';
import type { Redactor } from '../redactor/redactor.ts';
import { MIN_MASKED_LENGTH } from '../redactor/secret-parts.ts';
import { toSecretError } from '../secret-errors.ts';
import type { SecretReading } from '../secret-provider.ts';
import type { SecretRef } from '../secret-ref.ts';
import { selectText } from '../secret-value.ts';
import type { SecretChange, SecretStatus } from './secret-status.ts';

type Failure = NonNullable<SecretStatus['failure']>;

/** What is known of a secret of a provider, which several references may select from. */
interface Source {
  readonly ref: SecretRef;
  readonly entries: Set<Entry>;
  version?: string | undefined;
  pinned: boolean;
  readAt?: Date;
  stale: boolean;
  failure?: Failure | undefined;
}

interface Entry {
  readonly ref: SecretRef;
  readonly source: Source;
  /** Of the last value; the value itself is only in the cache. */
  digest?: string;
  weak: boolean;
  changedAt?: Date;
  /** Nobody could have it since the last value. */
  lost: boolean;
  /** Of the selection, when the secret itself could be read. */
  failure?: Failure | undefined;
}

export interface LedgerOptions {
  readonly redactor: Redactor;
  readonly logger: Logger | undefined;
  readonly wallClock: () => number;
  /** References remembered; the oldest is forgotten first. */
  readonly references: number;
}

/** Remembers how every reference is doing and notices changes, without keeping a value. */
export class ReferenceLedger {
  readonly #options: LedgerOptions;
  /** Digests of this process alone: they tell nobody else anything about a value. */
  readonly #digestKey = randomBytes(32);
  readonly #sources = new Map<string, Source>();
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(change: SecretChange) => void>();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  onChange(listener: (change: SecretChange) => void): () => void {
    const subscribed = (change: SecretChange): void => listener(change);
    this.#listeners.add(subscribed);
    return () => void this.#listeners.delete(subscribed);
  }

  status(): readonly SecretStatus[] {
    return [...this.#entries.values()].map(toStatus);
  }

  /** From now on this reference is one of those that reads of its secret are compared for. */
  asked(ref: SecretRef, target: SecretRef): void {
    if (this.#entries.has(ref.text)) return;
    const known = this.#sources.get(target.text);
    const source = known ?? { ref: target, entries: new Set<Entry>(), pinned: false, stale: false };
    const entry: Entry = { ref, source, weak: false, lost: false };
    this.#sources.set(target.text, source);
    source.entries.add(entry);
    this.#entries.set(ref.text, entry);
    const [oldest] = this.#entries.values();
    if (this.#entries.size > this.#options.references && oldest !== undefined) this.#forget(oldest);
  }

  /** The provider answered: tells who was given another value before. */
  answered(target: SecretRef, reading: SecretReading): void {
    const source = this.#sources.get(target.text);
    if (source === undefined) return;
    source.version = reading.version;
    source.pinned = reading.pinned === true;
    source.readAt = new Date(this.#options.wallClock());
    source.stale = false;
    source.failure = undefined;
    const changes = [...source.entries].flatMap((entry) => this.#compare(entry, reading) ?? []);
    for (const change of changes) this.#tell(change);
  }

  /** A known value is handed out: for a reference that was not asked for when it was read. */
  served(ref: SecretRef, reading: SecretReading): void {
    const entry = this.#entries.get(ref.text);
    if (entry !== undefined && entry.digest === undefined) this.#compare(entry, reading);
  }

  /** @returns whether it was well before */
  failed(target: SecretRef, error: unknown, served: 'stale' | 'fresh' | 'nothing'): boolean {
    const source = this.#sources.get(target.text);
    if (source === undefined) return false;
    const wasWell = source.failure === undefined;
    source.stale = served === 'stale';
    source.failure = this.#failure(toSecretError(error, target), source.failure);
    if (served === 'nothing') for (const entry of source.entries) entry.lost = true;
    return wasWell;
  }

  #compare(entry: Entry, reading: SecretReading): SecretChange | undefined {
    const text = this.#select(entry, reading);
    if (text === undefined) return undefined;
    const { digest: before, lost } = entry;
    const digest = createHmac('sha256', this.#digestKey).update(text).digest('base64');
    entry.digest = digest;
    entry.weak = text.length < MIN_MASKED_LENGTH;
    entry.lost = false;
    entry.failure = undefined;
    const isOther = before !== undefined && before !== digest;
    if (isOther) entry.changedAt = new Date(this.#options.wallClock());
    if (!isOther && !lost) return undefined;
    const { version } = reading;
    const previous = isOther ? 'other' : 'none';
    return { reference: entry.ref.text, previous, ...(version === undefined ? {} : { version }) };
  }

  #select(entry: Entry, reading: SecretReading): string | undefined {
    try {
      const text = selectText(reading.value, entry.ref, entry.source.ref);
      this.#options.redactor.add(text, entry.ref.text);
      return text;
    } catch (error) {
      entry.failure = this.#failure(toSecretError(error, entry.ref), entry.failure);
      entry.lost = true;
      return undefined;
    }
  }

  #failure({ code, message }: HostlerError, before: Failure | undefined): Failure {
    return { code, message, since: before?.since ?? new Date(this.#options.wallClock()) };
  }

  #tell(change: SecretChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#options.logger?.error({ reference: change.reference, error }, 'a listener to changed secrets failed');
      }
    }
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.ref.text);
    entry.source.entries.delete(entry);
    if (entry.source.entries.size === 0) this.#sources.delete(entry.source.ref.text);
  }
}

function toStatus({ ref, source, weak, changedAt, failure: ownFailure }: Entry): SecretStatus {
  const { version, pinned, readAt, stale } = source;
  const failure = source.failure ?? ownFailure;
  return {
    reference: ref.text,
    scheme: ref.scheme,
    ...(version === undefined ? {} : { version }),
    pinned,
    weak,
    ...(readAt === undefined ? {} : { readAt }),
    ...(changedAt === undefined ? {} : { changedAt }),
    stale,
    ...(failure === undefined ? {} : { failure }),
  };
}

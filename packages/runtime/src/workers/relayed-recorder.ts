import { auditErrors } from '@hostler/audit';
import type { AuditEntry, Recorder } from '@hostler/audit';
import type { Clock } from '@hostler/kernel';
import { fromWords } from '@hostler/upstream/relay';
import type { Link } from '@hostler/upstream/relay';
import { AUDIT_PART } from './parts-of-link.ts';
import type { AuditWord } from './parts-of-link.ts';

/** Milliseconds that a record for which nobody waits may wait for others: as where records are written. */
const GATHERING = 20;
/** Records that go without waiting for more. */
const MOST_GATHERED = 256;

/**
 * Hands records to the process that writes the one chain, in their order; what must be written before a call is sent waits
 * for that process's word. The host's own life is recorded there and not here.
 */
export class RelayedRecorder implements Recorder {
  readonly publicKey = '';
  readonly #link: Pick<Link, 'send' | 'receive'>;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();
  #entries: AuditEntry[] = [];
  /** Of those who wait for the batch that is gathered now. */
  #next: PromiseWithResolvers<void> | undefined;
  #soon: NodeJS.Immediate | undefined;
  #stopGathering: (() => void) | undefined;
  #last = 0;
  #admits = true;
  #records = 0;
  #refused = 0;

  constructor(link: Pick<Link, 'send' | 'receive'>, clock: Pick<Clock, 'after'>) {
    this.#link = link;
    this.#clock = clock;
    link.receive(AUDIT_PART, (message) => this.#receive(message as AuditWord));
  }

  admits(): boolean {
    return this.#admits;
  }

  admit(): void {
    if (this.#admits) return;
    this.#refused += 1;
    // So that the other end hears of it, and says when it is over.
    this.#flushSoon();
    throw auditErrors.UNAVAILABLE({ details: { mayHaveRun: false } });
  }

  add(entry: AuditEntry): void {
    if (entry.kind === 'host') return;
    this.#entries.push(entry);
    if (this.#soon !== undefined) return;
    if (this.#entries.length >= MOST_GATHERED) return this.#flushSoon();
    this.#stopGathering ??= this.#clock.after(GATHERING, () => {
      this.#stopGathering = undefined;
      this.#flush();
    });
  }

  addAndWait(entry: AuditEntry): Promise<void> {
    this.#entries.push(entry);
    this.#flushSoon();
    this.#next ??= Promise.withResolvers();
    return this.#next.promise;
  }

  state() {
    return { records: this.#records, refused: this.#refused, sinks: [] };
  }

  close(): Promise<void> {
    this.#stopGathering?.();
    this.#flush();
    return Promise.resolve();
  }

  /** All who come in the same turn are handed over together. */
  #flushSoon(): void {
    this.#soon ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#soon !== undefined) clearImmediate(this.#soon);
    this.#soon = undefined;
    const entries = this.#entries;
    const next = this.#next;
    if (entries.length === 0 && this.#admits) return;
    this.#entries = [];
    this.#next = undefined;
    this.#records += entries.length;
    this.#last += 1;
    if (next !== undefined) this.#waiting.set(this.#last, next);
    this.#link.send(AUDIT_PART, { entries, ...((next !== undefined || !this.#admits) && { number: this.#last }) });
  }

  #receive({ admits, number, error }: AuditWord): void {
    this.#admits = admits;
    if (number === undefined) return;
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(fromWords(error));
  }
}

import type { Clock, Logger } from '@hostler/kernel';
import type { AuditKey } from './audit-key.ts';
import type { AuditSink } from './audit-sink.ts';
import { auditErrors } from './errors.ts';
import type { SealedLine } from './record.ts';

/** While a sink fails: nothing is done; everything is; or everything until so many records wait. */
export type OnFailure = 'closed' | 'open' | { readonly buffer: number };

export interface SinkQueueOptions {
  readonly sink: AuditSink;
  readonly onFailure: OnFailure;
  readonly key: AuditKey;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds for one write. */
  readonly timeout?: number;
}

/** How one sink is. */
export interface SinkState {
  readonly sink: string;
  readonly failing: boolean;
  /** Records that wait to be written. */
  readonly pending: number;
  /** Records it has not got and never will. */
  readonly dropped: number;
  /** Writes that failed. */
  readonly failures: number;
}

/** Records that may wait for a sink that is only slow, or that is given up to be open. */
const BACKLOG = 10_000;
/** Characters of all that wait, whatever their number. */
const MAX_PENDING_LENGTH = 64 * 2 ** 20;
const MAX_BATCH = 1_000;
const MAX_BATCH_LENGTH = 1_000_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;
const WRITE_TIME = 10_000;

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A range of records that was left out, and the hash of its last. */
interface Gap {
  readonly from: number;
  readonly to: number;
  readonly after: string;
}

/** What waits for one sink: written in batches, in order, again and again until it is. */
export class SinkQueue {
  readonly #options: SinkQueueOptions;
  #pending: SealedLine[] = [];
  /** Characters of them. */
  #length = 0;
  #waiters: Waiter[] = [];
  #gap: Gap | undefined;
  #written = 0;
  #failing = false;
  #failures = 0;
  #dropped = 0;
  #pause = FIRST_PAUSE;
  #running: Promise<void> | undefined;
  #stopPause: (() => void) | undefined;
  #isClosing = false;

  constructor(options: SinkQueueOptions) {
    this.#options = options;
  }

  /** Whether something may be done that has to be recorded here. */
  get admits(): boolean {
    const { onFailure } = this.#options;
    if (onFailure === 'open') return true;
    if (this.#length >= MAX_PENDING_LENGTH) return false;
    if (!this.#failing) return this.#pending.length < BACKLOG;
    return onFailure !== 'closed' && this.#pending.length < onFailure.buffer;
  }

  state(): SinkState {
    return {
      sink: this.#options.sink.name,
      failing: this.#failing,
      pending: this.#pending.length,
      dropped: this.#dropped,
      failures: this.#failures,
    };
  }

  push(lines: readonly SealedLine[]): void {
    if (this.#isIdle && this.#options.sink.writeNow?.(lines) === true) {
      this.#written = lines.at(-1)?.seq ?? this.#written;
      return;
    }
    for (const line of lines) this.#take(line);
    this.#run();
  }

  /** When the record of this number is written. Undefined: it is, or nobody has to wait for this sink. */
  written(seq: number): Promise<void> | undefined {
    const { onFailure } = this.#options;
    if (seq <= this.#written || onFailure === 'open') return undefined;
    if (this.#failing) {
      return onFailure === 'closed' ? Promise.reject(auditErrors.UNAVAILABLE({ details: UNSENT })) : undefined;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.push({ seq, resolve, reject });
    return promise;
  }

  /** Tries for the last time. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#stopPause?.();
    this.#stopPause = undefined;
    await this.#running;
    if (this.#pending.length > 0) {
      this.#run();
      await this.#running;
    }
    const { sink, log } = this.#options;
    const records = this.#pending.length;
    if (records > 0) log.error({ sink: sink.name, records }, 'audit records were not written before the host stopped');
    this.#release(Number.POSITIVE_INFINITY);
    await sink.close();
  }

  get #isIdle(): boolean {
    return this.#pending.length === 0 && this.#running === undefined && !this.#failing && this.#gap === undefined;
  }

  #take(line: SealedLine): void {
    const { onFailure } = this.#options;
    // In `open` alone: everything else is refused before it becomes a record.
    const isFull = onFailure === 'open' && (this.#pending.length >= BACKLOG || this.#length >= MAX_PENDING_LENGTH);
    if (!isFull && this.#gap === undefined) return this.#keep(line);
    this.#gap = { from: this.#gap?.from ?? line.seq, to: line.seq, after: line.hash };
    this.#dropped += 1;
    if (this.#dropped === 1) this.#options.log.error({ sink: this.#options.sink.name }, 'audit records are left out');
  }

  #keep(line: SealedLine): void {
    this.#pending.push(line);
    this.#length += line.text.length;
  }

  #run(): void {
    if (this.#running !== undefined || this.#stopPause !== undefined) return;
    this.#running = this.#drain().finally(() => {
      this.#running = undefined;
      // What came while the last write settled.
      if (this.#pending.length > 0 && !this.#failing) this.#run();
    });
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = takeBatch(this.#pending);
      // One that has failed may not answer at all: that is waited for beside the turn.
      const isWritten = !this.#failing && this.#options.sink.writeNow?.(batch) === true;
      // oxlint-disable-next-line no-await-in-loop -- in order
      const failure = isWritten ? undefined : await this.#write(batch);
      if (failure !== undefined) return this.#failed(failure);
      this.#succeeded(batch);
    }
  }

  async #write(lines: readonly SealedLine[]): Promise<{ readonly error: unknown } | undefined> {
    const { sink, clock, timeout = WRITE_TIME } = this.#options;
    const controller = new AbortController();
    const late = Promise.withResolvers<never>();
    const stopTimer = clock.after(timeout, () => {
      const error = new Error('the sink took too long');
      controller.abort(error);
      late.reject(error);
    });
    try {
      const written = sink.write(
        lines.map(({ text }) => text),
        { lines, signal: controller.signal },
      );
      await Promise.race([written, late.promise]);
      return undefined;
    } catch (error) {
      return { error };
    } finally {
      stopTimer();
    }
  }

  #succeeded(batch: readonly SealedLine[]): void {
    const { sink, log } = this.#options;
    this.#pending.splice(0, batch.length);
    for (const { text } of batch) this.#length -= text.length;
    this.#written = batch.at(-1)?.seq ?? this.#written;
    this.#pause = FIRST_PAUSE;
    if (this.#failing) log.info({ sink: sink.name }, 'the audit record is written again');
    this.#failing = false;
    this.#release(this.#written);
    if (this.#pending.length === 0 && this.#gap !== undefined) this.#closeGap(this.#gap);
  }

  #failed({ error }: { readonly error: unknown }): void {
    const { sink, log, clock, onFailure } = this.#options;
    this.#failures += 1;
    if (!this.#failing) log.error({ error, sink: sink.name, onFailure }, 'the audit record cannot be written');
    this.#failing = true;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { resolve, reject } of waiters) {
      if (onFailure === 'closed') reject(auditErrors.UNAVAILABLE({ details: UNSENT, cause: error }));
      else resolve();
    }
    if (this.#isClosing) return;
    this.#stopPause = clock.after(this.#pause, () => {
      this.#stopPause = undefined;
      this.#run();
    });
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  /** Says itself, and signs, what is missing here: else it would look as if somebody had taken it away. */
  #closeGap({ from, to, after }: Gap): void {
    const { key } = this.#options;
    const body = `{"kind":"gap","from":${from},"to":${to},"after":"${after}"`;
    this.#gap = undefined;
    const text = `${body},"signature":"${key.sign(body)}"}`;
    this.#keep({ seq: to, hash: after, text, beginsSegment: false });
  }

  #release(seq: number): void {
    const waiting = this.#waiters;
    if (waiting.length === 0) return;
    this.#waiters = waiting.filter((waiter) => waiter.seq > seq);
    for (const waiter of waiting) if (waiter.seq <= seq) waiter.resolve();
  }
}

/** The call was not sent. */
const UNSENT = { mayHaveRun: false };

function takeBatch(pending: readonly SealedLine[]): readonly SealedLine[] {
  let length = 0;
  const end = pending.slice(0, MAX_BATCH).findIndex(({ text }) => (length += text.length) > MAX_BATCH_LENGTH);
  return pending.slice(0, end === -1 ? MAX_BATCH : Math.max(1, end));
}

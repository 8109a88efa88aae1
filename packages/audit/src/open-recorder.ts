import { randomUUID } from 'node:crypto';
import type { AuditSink, KeptRecord } from './audit-sink.ts';
import { auditErrors } from './errors.ts';
import { HEAD_RECORDS, RecordLines } from './record-lines.ts';
import type { AuditEntry, SealedLine } from './record.ts';
import type { Recorder, RecorderOptions, RecorderState } from './recorder.ts';
import { SinkQueue } from './sink-queue.ts';

/** Milliseconds that a record for which nobody waits may wait for others. */
const GATHERING = 20;
/** Milliseconds after which what there is gets signed. */
const HEAD_TIME = 60_000;

/** @throws AUDIT_DIRECTORY */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const kept: KeptRecord[] = [];
  const opened: AuditSink[] = [];
  try {
    for (const { sink } of options.sinks) {
      // oxlint-disable-next-line no-await-in-loop -- those that are open are closed when one fails
      const found = await sink.open();
      opened.push(sink);
      if (found !== undefined) kept.push(found);
    }
  } catch (error) {
    await Promise.all(opened.map((sink) => sink.close()));
    throw error;
  }
  const [first] = kept;
  const recorder = new ChainedRecorder(options, first);
  if (first !== undefined) await noteMissing(options, first, recorder);
  return recorder;
}

/** What comes now would hide that something was taken away. */
async function noteMissing(
  { anchor, log, time }: RecorderOptions,
  kept: KeptRecord,
  recorder: Recorder,
): Promise<void> {
  const known = await anchor?.read(kept.chain);
  const { seq } = kept.position;
  if (known === undefined || known.seq <= seq) return;
  const missing = { from: seq + 1, to: known.seq, hash: known.hash };
  log.error(missing, 'audit records are missing that this host has written');
  recorder.add({ kind: 'host', time: time(), id: randomUUID(), fields: { event: 'records-missing', ...missing } });
}

class ChainedRecorder implements Recorder {
  readonly #options: RecorderOptions;
  readonly #lines: RecordLines;
  readonly #queues: readonly SinkQueue[];
  #entries: AuditEntry[] = [];
  /** One for all who wait for the next write. */
  #waiting: PromiseWithResolvers<void> | undefined;
  #waiters = 0;
  /** Calls and changes of which the end is not recorded. */
  #underWay = 0;
  #records = 0;
  #refused = 0;
  /** Refused, and not recorded as such. */
  #untold = 0;
  #soon: NodeJS.Immediate | undefined;
  #stopGathering: (() => void) | undefined;
  #stopHead: (() => void) | undefined;

  constructor(options: RecorderOptions, kept: KeptRecord | undefined) {
    this.#options = options;
    this.#lines = new RecordLines(options, kept);
    const { key, clock, log } = options;
    this.#queues = options.sinks.map(({ sink, onFailure }) => new SinkQueue({ sink, onFailure, key, clock, log }));
  }

  get publicKey(): string {
    return this.#options.key.publicKey;
  }

  admits(): boolean {
    for (const { admits } of this.#queues) if (!admits) return false;
    return true;
  }

  admit(): void {
    if (this.admits()) return void (this.#untold > 0 && this.#tellRefused());
    this.#refused += 1;
    this.#untold += 1;
    throw auditErrors.UNAVAILABLE({ details: { mayHaveRun: false } });
  }

  /** That something was refused could not be recorded then. */
  #tellRefused(): void {
    const fields = { event: 'unavailable', refused: this.#untold };
    this.#untold = 0;
    this.add({ kind: 'host', time: this.#options.time(), id: randomUUID(), fields });
  }

  add(entry: AuditEntry): void {
    this.#take(entry);
    if (this.#soon !== undefined) return;
    const isLast = entry.phase === 'outcome' && this.#underWay === 0;
    if (isLast || this.#entries.length >= HEAD_RECORDS) this.#flushSoon();
    else this.#gather();
  }

  addAndWait(entry: AuditEntry): Promise<void> | undefined {
    this.#take(entry);
    if (this.#underWay === 1) return this.#flushAlone();
    this.#waiters += 1;
    this.#flushSoon();
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  state(): RecorderState {
    return {
      records: this.#records,
      refused: this.#refused,
      sinks: this.#queues.map((queue) => queue.state()),
    };
  }

  async close(): Promise<void> {
    if (this.#untold > 0) this.#tellRefused();
    this.#flush();
    this.#stopGathering?.();
    this.#stopHead?.();
    const remembered = this.#lines.hasUnsigned ? this.#sign({ closed: true }) : undefined;
    await Promise.all(this.#queues.map((queue) => queue.close()));
    await remembered;
  }

  /** Never stopped by what is written meanwhile: a timer set and cleared for each call costs 1 µs. */
  #gather(): void {
    this.#stopGathering ??= this.#options.clock.after(GATHERING, () => {
      this.#stopGathering = undefined;
      this.#flush();
    });
  }

  #take(entry: AuditEntry): void {
    this.#entries.push(entry);
    if (entry.phase === 'intent') this.#underWay += 1;
    // One that ended with its process stays: the others only wait for each other again.
    else if (entry.phase === 'outcome') this.#underWay -= 1;
  }

  /** There is nobody with whom it could be written. */
  #flushAlone(): Promise<void> | undefined {
    this.#flush();
    return this.#written()?.catch((error: unknown) => {
      this.#refused += 1;
      throw error;
    });
  }

  /** All who come in the same turn are written together. */
  #flushSoon(): void {
    this.#soon ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#soon !== undefined) clearImmediate(this.#soon);
    this.#soon = undefined;
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    this.#records += entries.length;
    this.#send(this.#lines.linesOf(entries));
    this.#signInTime();
    this.#settle();
  }

  #send(lines: readonly SealedLine[]): void {
    for (const queue of this.#queues) queue.push(lines);
  }

  #settle(): void {
    const waiting = this.#waiting;
    const waiters = this.#waiters;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#waiters = 0;
    const written = this.#written();
    if (written === undefined) return waiting.resolve();
    void written.then(waiting.resolve, (error: unknown) => {
      this.#refused += waiters;
      waiting.reject(error);
    });
  }

  /** When all that was sealed by now is written; undefined: it is. */
  #written(): Promise<void> | undefined {
    const { seq } = this.#lines.position;
    const writing: Promise<void>[] = [];
    for (const queue of this.#queues) {
      const written = queue.written(seq);
      if (written !== undefined) writing.push(written);
    }
    return writing.length === 0 ? undefined : Promise.all(writing).then(() => undefined);
  }

  /** Signs what there is, and remembers where the chain stands once that is written. */
  async #sign(fields: { readonly closed?: true }): Promise<void> {
    const { anchor, log } = this.#options;
    this.#send([this.#lines.head(fields)]);
    const { chain, position } = this.#lines;
    try {
      await this.#written();
      await anchor?.write(chain, position);
    } catch (error) {
      log.warn({ error }, 'how far the audit record has come could not be remembered');
    }
  }

  #signInTime(): void {
    if (!this.#lines.hasUnsigned) return;
    this.#stopHead ??= this.#options.clock.after(HEAD_TIME, () => {
      this.#stopHead = undefined;
      if (this.#lines.hasUnsigned) void this.#sign({});
    });
  }
}

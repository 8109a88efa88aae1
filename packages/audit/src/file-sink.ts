import { open as openFile, mkdir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Logger } from '@hostler/kernel';
import type { AuditSink, KeptRecord, WriteFacts } from './audit-sink.ts';
import { DirectWriter } from './direct-writer.ts';
import type { WriteSync } from './direct-writer.ts';
import { auditErrors } from './errors.ts';
import { isLocalDisk } from './local-disk.ts';
import { readLine } from './read-record.ts';
import type { ReadLine } from './read-record.ts';
import type { SealedLine } from './record.ts';
import { listSegments, readEdges, segmentName } from './segment-files.ts';
import { takeShard } from './shard-lock.ts';
import type { ShardLock } from './shard-lock.ts';

export interface FileSinkOptions {
  readonly directory: string;
  /** When what was written is forced to the disk. */
  readonly sync: 'always' | 'interval' | 'never';
  /** Sealed segments that are kept; absent: all. */
  readonly keep?: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default: that of Node. */
  readonly openFile?: typeof openFile;
  /** For writes within the turn. Default: that of Node; none for files that are opened otherwise. */
  readonly writeSync?: WriteSync;
  /** Whether writes to a folder may be done within the turn. Default: what the system says of it. */
  readonly isLocal?: (directory: string) => Promise<boolean>;
}

const SYNC_INTERVAL = 1_000;

export function createFileSink(options: FileSinkOptions): AuditSink {
  return new FileSink(options);
}

/** Segments in a folder. Nothing that was written is ever changed: files grow, and are deleted as a whole. */
class FileSink implements AuditSink {
  readonly name = 'file';
  readonly #options: FileSinkOptions;
  #lock: ShardLock | undefined;
  #file: FileHandle | undefined;
  /** Of the last segment. */
  #number = 0;
  #size = 0;
  /** What was written last. */
  #last: SealedLine | undefined;
  #stopSync: (() => void) | undefined;
  #syncing: Promise<void> | undefined;
  /** What is written meanwhile may have to wait for it. */
  #isSyncing = false;
  readonly #direct: DirectWriter;
  #isDirect = false;

  constructor(options: FileSinkOptions) {
    this.#options = options;
    const { clock, writeSync } = options;
    this.#direct = new DirectWriter({ clock, ...(writeSync && { write: writeSync }) });
  }

  async open(): Promise<KeptRecord | undefined> {
    const { directory } = this.#options;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      this.#lock = await takeShard(directory);
      if (this.#lock === undefined) throw auditErrors.DIRECTORY({ details: { reason: 'too many processes use it.' } });
      this.#isDirect = await this.#mayBeDirect();
      return await this.#readKept(this.#lock.shard);
    } catch (error) {
      await this.close();
      throw refused(error);
    }
  }

  async write(_texts: readonly string[], { lines, signal }: WriteFacts): Promise<void> {
    // Where an attempt has failed in the middle, the files before that are written.
    const begin = this.#last === undefined ? 0 : lines.indexOf(this.#last) + 1;
    for (const part of bySegment(lines.slice(begin))) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      if (part[0]?.beginsSegment === true) await this.#beginSegment();
      const bytes = Buffer.from(part.map(({ text }) => `${text}\n`).join(''));
      // oxlint-disable-next-line no-await-in-loop -- in order
      await this.#append(bytes, signal);
      if (signal.aborted) return;
      this.#last = part.at(-1);
    }
  }

  writeNow(lines: readonly SealedLine[]): boolean {
    const file = this.#file;
    if (file === undefined || !this.#isDirect || this.#isSyncing) return false;
    for (const { beginsSegment } of lines) if (beginsSegment) return false;
    const written = this.#direct.write(file.fd, lines, this.#size);
    if (written === undefined) return false;
    this.#size += written;
    this.#last = lines.at(-1);
    if (this.#options.sync === 'interval') this.#syncSoon();
    return true;
  }

  async close(): Promise<void> {
    this.#stopSync?.();
    await this.#syncing;
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) {
      if (this.#options.sync !== 'never') await file.datasync().catch(() => undefined);
      await file.close();
    }
    await this.#lock?.release();
    this.#lock = undefined;
  }

  async #append(bytes: Buffer, signal: AbortSignal): Promise<void> {
    const file = (this.#file ??= await this.#openLast());
    const begun = this.#options.clock.now();
    try {
      await writeAll(file, bytes, this.#size);
      if (this.#options.sync === 'always') await file.datasync();
    } catch (error) {
      // Half a line is none; where this fails too, the next attempt writes over it. One that was given up has been
      // followed by another, whose lines stand here by now.
      if (!signal.aborted) await file.truncate(this.#size).catch(() => undefined);
      throw error;
    } finally {
      this.#direct.took(begun);
    }
    // Given up meanwhile, it is written again: at the same place.
    if (signal.aborted) return;
    this.#size += bytes.length;
    if (this.#options.sync === 'interval') this.#syncSoon();
  }

  async #beginSegment(): Promise<void> {
    const { directory, sync, openFile: open = openFile } = this.#options;
    const before = this.#file;
    // An attempt that failed has begun it.
    if (before !== undefined && this.#size === 0) return;
    const number = this.#number + 1;
    this.#file = await open(join(directory, segmentName(this.#shard, number)), 'wx', 0o600);
    this.#number = number;
    this.#size = 0;
    await this.#syncing;
    if (before !== undefined) {
      if (sync !== 'never') await before.datasync().catch(() => undefined);
      await before.close();
    }
    await this.#deleteOld();
  }

  /** The segment that an earlier run has begun. */
  #openLast(): Promise<FileHandle> {
    const { directory, openFile: open = openFile } = this.#options;
    return open(join(directory, segmentName(this.#shard, this.#number)), 'r+');
  }

  async #deleteOld(): Promise<void> {
    const { directory, keep, log } = this.#options;
    if (keep === undefined) return;
    try {
      const own = (await listSegments(directory)).filter(({ shard }) => shard === this.#shard);
      const old = own.filter(({ number }) => number < this.#number - keep);
      await Promise.all(old.map(({ path }) => unlink(path)));
    } catch (error) {
      log.warn({ error }, 'old audit segments could not be deleted');
    }
  }

  get #shard(): number {
    return this.#lock?.shard ?? 0;
  }

  #syncSoon(): void {
    this.#stopSync ??= this.#options.clock.after(SYNC_INTERVAL, () => {
      this.#stopSync = undefined;
      const { log } = this.#options;
      this.#isSyncing = this.#file !== undefined;
      this.#syncing = this.#file
        ?.datasync()
        .catch((error: unknown) => log.error({ error }, 'the audit record could not be forced to the disk'))
        .finally(() => (this.#isSyncing = false));
    });
  }

  /** Who waits for the disk does so beside the turn. */
  async #mayBeDirect(): Promise<boolean> {
    const { directory, sync, openFile: open, writeSync, isLocal = isLocalDisk } = this.#options;
    if (sync === 'always' || (open !== undefined && writeSync === undefined)) return false;
    return isLocal(directory);
  }

  async #readKept(shard: number): Promise<KeptRecord | undefined> {
    const own = (await listSegments(this.#options.directory)).filter((segment) => segment.shard === shard);
    const last = own.at(-1);
    if (last === undefined) return undefined;
    const edges = await readEdges(last.path);
    const first = edges.first === undefined ? undefined : readLine(edges.first);
    const end = edges.line === undefined ? undefined : readLine(edges.line);
    this.#number = last.number;
    this.#size = edges.size;
    if (first === undefined || end === undefined || first.record.kind !== 'segment') {
      return await this.#afterUnreadable(own.slice(0, -1), last.number);
    }
    const { chain, oldest, key } = first.record;
    return {
      position: { seq: end.record.seq, hash: end.record.hash },
      chain: typeof chain === 'string' ? chain : '',
      segment: last.number,
      oldest: typeof oldest === 'number' ? oldest : 1,
      bytes: edges.size,
      begun: Date.parse(first.record.time) || 0,
      isTorn: edges.isTorn || end.record.kind === 'end',
      ...(typeof key === 'string' && { key }),
    };
  }

  /** A segment of which nothing can be read: what comes goes on from the one before it. */
  async #afterUnreadable(before: readonly { readonly path: string }[], segment: number): Promise<KeptRecord> {
    const edges = await Promise.all(before.slice(-1).map(({ path }) => readEdges(path)));
    const [line, first] = edges.flatMap((edge) => [edge.line, edge.first]).map((text) => text && readLine(text));
    const end: ReadLine | undefined = line === '' ? undefined : line;
    const chain = first === '' ? undefined : first?.record['chain'];
    return {
      position: end === undefined ? { seq: 0, hash: '0'.repeat(64) } : { seq: end.record.seq, hash: end.record.hash },
      chain: typeof chain === 'string' ? chain : '',
      segment,
      oldest: 1,
      bytes: 0,
      begun: 0,
      isTorn: true,
    };
  }
}

/** What goes into one file each. */
function bySegment(lines: readonly SealedLine[]): readonly (readonly SealedLine[])[] {
  const starts = lines.flatMap(({ beginsSegment }, index) => (beginsSegment || index === 0 ? [index] : []));
  return starts.map((from, index) => lines.slice(from, starts[index + 1]));
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    // oxlint-disable-next-line no-await-in-loop -- what is left of a short write
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

function refused(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || String(error.code).startsWith('AUDIT_')) return error;
  return auditErrors.DIRECTORY({ details: { reason: `${String(error.code)}.` }, cause: error });
}

import type { Audit } from '@hostler/audit';
import type { HostPlan } from '@hostler/config';
import type { Host } from '@hostler/host';
import type { Clock, Logger } from '@hostler/kernel';
import { emptyLock, writeLock } from '@hostler/router';
import type { Drift, LockFile } from '@hostler/router';
import { hostAsClient } from '@hostler/upstream';
import { approveAll, approveSelected, parseSelected } from './approve-lock.ts';
import { lockErrors } from './errors.ts';
import { loadLock, trustOf } from './load-lock.ts';
import type { LoadedLock } from './load-lock.ts';
import type { ApproveOptions, ApproveReport, Lock } from './lock.ts';
import { replaceFile } from './replace-file.ts';
import { createSerial } from './serial.ts';
import { createFileWatch } from './watch-file.ts';
import type { FileWatch } from './watch-file.ts';

export interface LockOptions {
  readonly plan: HostPlan;
  readonly host: Pick<Host, 'trust' | 'drift' | 'observed'>;
  readonly first: LoadedLock;
  readonly clock: Clock;
  readonly log: Logger;
  readonly closing: AbortSignal;
  /** Absent: nothing is written down. */
  readonly audit?: Pick<Audit, 'change' | 'note'> | undefined;
}

export interface RunningLock extends Lock {
  /** Looks at the file from now on. */
  start(): void;
  /** The plan is another one. */
  change(plan: HostPlan): void;
  stop(): void;
}

export function createLock(options: LockOptions): RunningLock {
  return new FileLock(options);
}

class FileLock implements RunningLock {
  readonly #options: LockOptions;
  readonly #inTurn = createSerial();
  #plan: HostPlan;
  #loaded: LoadedLock;
  #watch: FileWatch | undefined;
  #watched: string | undefined;
  #isStarted = false;

  constructor(options: LockOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#loaded = options.first;
  }

  get file(): string | undefined {
    return this.#plan.lock.file;
  }

  exists(): boolean {
    return this.#loaded.exists;
  }

  drift(): readonly Drift[] {
    return this.#options.host.drift();
  }

  async compare(): Promise<readonly Drift[]> {
    this.#requireFile();
    await this.#options.host.observed(hostAsClient);
    return this.drift();
  }

  approve(wanted: ApproveOptions): Promise<ApproveReport> {
    return this.#inTurn(() => this.#record(wanted));
  }

  start(): void {
    const { host, log } = this.#options;
    const { file } = this;
    this.#isStarted = true;
    this.#follow();
    if (file === undefined) return;
    if (!this.exists()) log.warn({ file }, 'there is no lockfile yet: write it with hostler lock init');
    // So that drift is known before anybody asks for a list.
    void host.observed(hostAsClient).catch(() => undefined);
  }

  change(plan: HostPlan): void {
    const isOther = plan.lock.file !== this.file;
    this.#plan = plan;
    // Until it is read nothing is approved.
    if (isOther) this.#takeOver({ file: plan.lock.file, exists: false, content: emptyLock });
    void this.#inTurn(() => this.#reload());
    this.#follow();
  }

  stop(): void {
    this.#watch?.stop();
  }

  #takeOver(next: LoadedLock): void {
    this.#loaded = next;
    this.#options.host.trust(trustOf(this.#plan, next));
  }

  /** One that cannot be used changes nothing: what was approved stays approved, and nothing else is. */
  async #reload(): Promise<void> {
    const { log, closing, audit } = this.#options;
    try {
      const next = await loadLock(this.#plan);
      if (closing.aborted) return;
      this.#takeOver(next);
      if (next.file === undefined) return;
      log.info({ file: next.file }, 'the lockfile was taken over');
      audit?.note('lock', { file: next.file });
    } catch (error) {
      log.error({ error }, 'the lockfile was not taken over; the one before it stays in force');
      audit?.note('lock-refused');
    }
  }

  #follow(): void {
    const { clock, closing } = this.#options;
    const { file } = this;
    if (!this.#isStarted || closing.aborted || file === this.#watched) return;
    this.#watch?.stop();
    this.#watched = file;
    const onChange = (): void => void this.#inTurn(() => this.#reload());
    this.#watch = file === undefined ? undefined : createFileWatch({ path: file, clock, onChange });
    this.#watch?.start();
  }

  #requireFile(): string {
    const { file } = this;
    if (file === undefined) throw lockErrors.OFF();
    return file;
  }

  /** @throws AUDIT_UNAVAILABLE: then nothing is approved */
  async #record(wanted: ApproveOptions): Promise<ApproveReport> {
    const { audit } = this.#options;
    if (audit === undefined) return this.#approve(wanted);
    const target = {
      file: this.#requireFile(),
      ...(wanted.all === true ? { all: true } : { names: wanted.names ?? [] }),
    };
    const done = await audit.change({ consumer: { name: 'hostler' }, action: 'approveLock', target, entry: 'cli' });
    try {
      const report = await this.#approve(wanted);
      done();
      return report;
    } catch (error) {
      done(error);
      throw error;
    }
  }

  async #approve({ names = [], all = false }: ApproveOptions): Promise<ApproveReport> {
    const file = this.#requireFile();
    const observed = await this.#options.host.observed(hostAsClient);
    const before = this.drift();
    // From the file: somebody else may have written it a moment ago.
    let { content } = await loadLock(this.#plan);
    const configured = this.#plan.servers.map(({ name }) => name);
    if (all) content = approveAll(content, observed, configured);
    for (const name of names) {
      const next = approveSelected(content, observed, parseSelected(name));
      if (next === undefined) throw lockErrors.NOT_FOUND({ details: { name } });
      content = next;
    }
    await write(file, content);
    this.#takeOver({ file, exists: true, content });
    const left = this.drift();
    return { file, approved: before.filter((drift) => !left.some((other) => isSame(drift, other))), left };
  }
}

async function write(file: string, content: LockFile): Promise<void> {
  try {
    await replaceFile(file, writeLock(content), 0o644);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw lockErrors.UNWRITABLE({ details: { reason }, cause: error });
  }
}

function isSame(one: Drift, other: Drift): boolean {
  return one.server === other.server && one.grade === other.grade && one.kind === other.kind && one.key === other.key;
}

import type { AuditRecord, AuditSink } from '../../src/index.ts';

/** Keeps what it is given, unless it is away. */
export class MemorySink implements AuditSink {
  readonly name = 'memory';
  readonly lines: string[] = [];
  isAway = false;

  open(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  write(lines: readonly string[]): Promise<void> {
    if (this.isAway) return Promise.reject(new Error('away'));
    this.lines.push(...lines);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  records(): readonly AuditRecord[] {
    return this.lines.map((line) => JSON.parse(line) as AuditRecord);
  }

  /** Lets everything that was begun by now come to its end. */
  async tried(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one turn after the other
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }
}

import type { AuditRecord } from './record.ts';

/** A call, or a change, whose end is not recorded. */
export interface OpenCall {
  readonly id: string;
  readonly seq: number;
  readonly time: string;
  readonly consumer?: string;
  readonly server?: string;
  readonly name?: string;
}

/** More are counted as they go, but not named. */
const MOST_NAMED = 100_000;

/** Pairs what was begun with what came of it. */
export class OpenCalls {
  readonly #open = new Map<string, OpenCall>();
  /** Begun while there was no room to remember them. */
  #unnamed = 0;

  take({ id, seq, time, phase, ...record }: AuditRecord): void {
    if (id === undefined || phase === undefined) return;
    if (phase === 'outcome') {
      if (!this.#open.delete(id)) this.#unnamed = Math.max(0, this.#unnamed - 1);
      return;
    }
    const { consumer, server, name } = record;
    if (this.#open.size >= MOST_NAMED) this.#unnamed += 1;
    else {
      this.#open.set(id, {
        id,
        seq,
        time,
        ...(typeof consumer === 'string' && { consumer }),
        ...(typeof server === 'string' && { server }),
        ...(typeof name === 'string' && { name }),
      });
    }
  }

  get count(): number {
    return this.#open.size + this.#unnamed;
  }

  /** The first hundred. */
  get calls(): readonly OpenCall[] {
    return [...this.#open.values()].slice(0, 100);
  }
}

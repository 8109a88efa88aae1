import type { AuditEntry } from '@hostler/audit';
import type { JsonObject } from '@hostler/kernel';

/** What a worker has begun and not ended. When it ends before them, nobody else can say what came of them. */
export class BegunCalls {
  readonly #begun = new Map<string, Pick<AuditEntry, 'kind' | 'fields'>>();

  take({ id, kind, phase, fields }: AuditEntry): void {
    if (phase === 'intent') this.#begun.set(id, { kind, fields });
    else if (phase === 'outcome') this.#begun.delete(id);
  }

  /** The ends of those that are left. @param time milliseconds since 1970 */
  leftBehind(time: number): readonly AuditEntry[] {
    const left = [...this.#begun].map(([id, { kind, fields }]): AuditEntry => {
      const known = typeof fields === 'string' ? (JSON.parse(`{${fields.slice(1)}}`) as JsonObject) : fields;
      const about = Object.fromEntries(MEMBERS.flatMap((name) => (name in known ? [[name, known[name]]] : [])));
      return { kind, phase: 'outcome', time, id, fields: { ...about, ...LEFT } };
    });
    this.#begun.clear();
    return left;
  }
}

/** Who, and where it led. */
const MEMBERS = ['consumer', 'server', 'item', 'name', 'action'];

const LEFT = { result: 'failed', code: 'WORKER_ENDED', mayHaveRun: true };

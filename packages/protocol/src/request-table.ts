import type { MessageId } from './envelope.ts';
import { NumberTable } from './number-table.ts';

/**
 * What is under way, by JSON-RPC id; the ids `1` and `"1"` are two (JSON-RPC 2.0, section 4). A `Map` would do, but for the
 * collector: each time it makes room it leaves its former table behind, which points to the next one and to all that was in
 * it. Once one such table is old, every later one lives until the next full collection, and with them half of all requests:
 * a third of the CPU per call.
 */
export class RequestTable<Value extends object | string | number> {
  readonly #numbered = new NumberTable<Value>();
  /** By `keyOf`: no name that objects have. */
  #named: Record<string, Value> | undefined;
  #names = 0;

  get size(): number {
    return this.#numbered.size + this.#names;
  }

  has(id: MessageId): boolean {
    return this.get(id) !== undefined;
  }

  get(id: MessageId): Value | undefined {
    return typeof id === 'number' ? this.#numbered.get(id) : this.#named?.[keyOf(id)];
  }

  set(id: MessageId, value: Value): void {
    if (typeof id === 'number') return this.#numbered.set(id, value);
    const named = (this.#named ??= Object.create(null) as Record<string, Value>);
    const key = keyOf(id);
    if (!(key in named)) this.#names += 1;
    named[key] = value;
  }

  /** @returns whether it was there */
  delete(id: MessageId): boolean {
    if (typeof id === 'number') return this.#numbered.delete(id);
    const key = keyOf(id);
    if (this.#named === undefined || !(key in this.#named)) return false;
    // oxlint-disable-next-line typescript/no-dynamic-delete -- a dictionary: what is gone must not be held
    delete this.#named[key];
    this.#names -= 1;
    return true;
  }

  /** Of this moment; ids that are numbers in their order, then the others in that in which they came. */
  values(): Value[] {
    return [...this.#numbered.values(), ...Object.values(this.#named ?? {})];
  }
}

function keyOf(id: string): string {
  return `"${id}`;
}

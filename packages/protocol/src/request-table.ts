import type { MessageId } from './envelope.ts';

/**
 * What is under way, by JSON-RPC id; the ids `1` and `"1"` are two (JSON-RPC 2.0, section 4). A `Map` would do, but for the
 * collector: each time it makes room it leaves its former table behind, which points to the next one and to all that was in
 * it. Once one such table is old, every later one lives until the next full collection, and with them half of all requests:
 * a third of the CPU per call.
 */
export class RequestTable<Value> {
  readonly #values: Record<string | number, Value> = Object.create(null) as Record<string, Value>;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(id: MessageId): boolean {
    return keyOf(id) in this.#values;
  }

  get(id: MessageId): Value | undefined {
    return this.#values[keyOf(id)];
  }

  set(id: MessageId, value: Value): void {
    const key = keyOf(id);
    if (!(key in this.#values)) this.#size += 1;
    this.#values[key] = value;
  }

  /** @returns whether it was there */
  delete(id: MessageId): boolean {
    const key = keyOf(id);
    if (!(key in this.#values)) return false;
    // oxlint-disable-next-line typescript/no-dynamic-delete -- a dictionary: what is gone must not be held
    delete this.#values[key];
    this.#size -= 1;
    return true;
  }

  /** Of this moment; ids that are whole numbers in their order, then the others in that in which they came. */
  values(): Value[] {
    return Object.values(this.#values);
  }
}

/** No text is a number, nor a name that objects have. */
function keyOf(id: MessageId): string | number {
  return typeof id === 'string' ? `"${id}` : id;
}

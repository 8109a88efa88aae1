/** A map of limited size: what was not asked for the longest goes first. */
export class RecentMap<Value> {
  readonly #limit: number;
  readonly #values = new Map<string, Value>();
  #latest: string | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value !== undefined && key !== this.#latest) this.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    this.#latest = key;
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#limit) break;
      this.#values.delete(oldest);
    }
  }

  entries(): readonly (readonly [string, Value])[] {
    return [...this.#values];
  }

  clear(): void {
    this.#values.clear();
    this.#latest = undefined;
  }
}

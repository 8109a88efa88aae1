/** Places of a table with nothing in it: hardly any client has more than a few requests under way. */
const LEAST = 8;

/**
 * Values by number, in places that are found by the number itself (open addressing with linear probing; what is deleted leaves
 * no mark). Of all tables that were tried it is the only one that costs the collector nothing: `Map` leaves former tables behind
 * that hold each other, and an object with numbers for names takes six times as long.
 */
export class NumberTable<Value extends object | string | number> {
  #keys: number[] = [];
  #values: (Value | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: number): Value | undefined {
    return this.#values[this.#placeOf(key)];
  }

  set(key: number, value: Value): void {
    if (this.#size * 2 >= this.#keys.length) this.#grow();
    const place = this.#placeOf(key);
    if (this.#values[place] === undefined) this.#size += 1;
    this.#keys[place] = key;
    this.#values[place] = value;
  }

  /** @returns whether it was there */
  delete(key: number): boolean {
    const values = this.#values;
    let hole = this.#placeOf(key);
    if (values[hole] === undefined) return false;
    this.#size -= 1;
    values[hole] = undefined;
    const last = values.length - 1;
    // What would not be found any more across the hole takes its place.
    for (let at = (hole + 1) & last; values[at] !== undefined; at = (at + 1) & last) {
      const found = this.#keys[at] as number;
      const wanted = found & last;
      if (((at - wanted) & last) < ((at - hole) & last)) continue;
      this.#keys[hole] = found;
      values[hole] = values[at];
      values[at] = undefined;
      hole = at;
    }
    return true;
  }

  /** Of this moment, in the order of their numbers. */
  values(): Value[] {
    const pairs = this.#keys.flatMap((key, place) => {
      const value = this.#values[place];
      return value === undefined ? [] : [{ key, value }];
    });
    return pairs.sort((one, other) => one.key - other.key).map(({ value }) => value);
  }

  /** Where it is, or would be. */
  #placeOf(key: number): number {
    const last = this.#values.length - 1;
    let place = key & last;
    while (this.#values[place] !== undefined && this.#keys[place] !== key) place = (place + 1) & last;
    return place;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    const length = Math.max(LEAST, keys.length * 2);
    this.#keys = Array.from({ length }, () => 0);
    this.#values = Array.from({ length }, () => undefined);
    this.#size = 0;
    for (const [place, key] of keys.entries()) {
      const value = values[place];
      if (value !== undefined) this.set(key, value);
    }
  }
}

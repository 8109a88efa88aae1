/** Texts in order, to find those that begin alike without looking at the others. */
export class SortedTexts {
  #texts: string[] = [];

  addAll(texts: Iterable<string>): void {
    this.#texts.push(...[...texts].filter((text) => !this.#has(text)));
    this.#texts.sort(inOrder);
  }

  /** At most `limit` of those that begin like this. */
  startingWith(prefix: string, limit: number): readonly string[] {
    const from = this.#placeOf(prefix);
    let to = from;
    while (to - from < limit && this.#texts[to]?.startsWith(prefix) === true) to++;
    return this.#texts.slice(from, to);
  }

  #has(text: string): boolean {
    return this.#texts[this.#placeOf(text)] === text;
  }

  /** Where the first text stands that does not come before this one. */
  #placeOf(text: string): number {
    let [low, high] = [0, this.#texts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (inOrder(this.#texts[middle] as string, text) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** By code units: what begins alike stands together. */
function inOrder(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

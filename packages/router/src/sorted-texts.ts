/** Texts in order, to find those that begin alike without looking at the others. */
export class SortedTexts {
  #texts: string[] = [];
  /** Put in order when somebody asks: many servers add theirs one after the other. */
  #added: string[] = [];

  addAll(texts: Iterable<string>): void {
    for (const text of texts) this.#added.push(text);
  }

  /** At most `limit` of those that begin like this. */
  startingWith(prefix: string, limit: number): readonly string[] {
    this.#arrange();
    const from = this.#placeOf(prefix);
    let to = from;
    while (to - from < limit && this.#texts[to]?.startsWith(prefix) === true) to++;
    return this.#texts.slice(from, to);
  }

  #arrange(): void {
    if (this.#added.length === 0) return;
    this.#texts = [...new Set([...this.#texts, ...this.#added])].sort(inOrder);
    this.#added = [];
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

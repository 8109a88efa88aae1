/** What happened and has not been looked at yet; waits for what has not happened yet. */
export class Inbox<Item> {
  readonly all: Item[] = [];
  #unread: Item[] = [];
  #waiting: { matches: (item: Item) => boolean; take: (item: Item) => void }[] = [];

  add(item: Item): void {
    this.all.push(item);
    const index = this.#waiting.findIndex(({ matches }) => matches(item));
    if (index === -1) this.#unread.push(item);
    else this.#waiting.splice(index, 1)[0]?.take(item);
  }

  /** The next unread item that matches; fails after twenty seconds. */
  next(matches: (item: Item) => boolean = () => true): Promise<Item> {
    const index = this.#unread.findIndex(matches);
    if (index !== -1) return Promise.resolve(this.#unread.splice(index, 1)[0] as Item);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`nothing that matches came; ${this.all.length} others did`)),
        20_000,
      );
      const take = (item: Item): void => {
        clearTimeout(timer);
        resolve(item);
      };
      this.#waiting.push({ matches, take });
    });
  }
}

import type { ListSlot } from './list-slot.ts';

/** Over which of the connections to a server something was said. */
export interface ListSource {
  /** Present when the connection serves this session alone. */
  readonly sessionId?: string | undefined;
  /** Those that it was opened with, where each caller has others: see `credentialsFor`. */
  readonly credentials?: string | undefined;
}

/** Lists that are other than before, for those who were served them. */
export interface CatalogChange {
  readonly server: string;
  readonly methods: readonly string[];
  /** Present when only this session sees them. */
  readonly sessionId?: string;
  /** Present when only those see them who reach the server with these credentials: see `credentialsFor`. */
  readonly credentials?: string;
}

export interface ListNewsOptions {
  /** The lists that are read over the connections of a source. */
  readonly slots: (server: string, source: ListSource) => readonly ListSlot[];
  readonly onChange: (change: CatalogChange) => void;
}

/** Tells once of what changes until the readings under way are over, and not of what the server tells itself. */
export class ListNews {
  readonly #options: ListNewsOptions;
  /** Methods that wait to be told, by server and source. */
  readonly #pending = new Map<string, Set<string>>();
  /** How often a server told of a method itself, of readings that are not over. */
  readonly #announced = new Map<string, Map<string, number>>();

  constructor(options: ListNewsOptions) {
    this.#options = options;
  }

  /** The server tells of it itself. @returns what ends that, when the lists are read */
  announce(server: string, method: string, source: ListSource): () => void {
    const key = keyOf(server, source);
    const announced = this.#announced.get(key) ?? new Map<string, number>();
    this.#announced.set(key, announced.set(method, (announced.get(method) ?? 0) + 1));
    return () => {
      const left = (announced.get(method) ?? 0) - 1;
      if (left > 0) announced.set(method, left);
      else announced.delete(method);
      if (announced.size === 0) this.#announced.delete(key);
    };
  }

  tell({ server, methods, ...source }: CatalogChange): void {
    const key = keyOf(server, source);
    const news = methods.filter((method) => !this.#announced.get(key)?.has(method));
    const pending = this.#pending.get(key);
    for (const method of news) pending?.add(method);
    if (pending || news.length === 0) return;
    this.#pending.set(key, new Set(news));
    void this.#flush(key, server, source);
  }

  async #flush(key: string, server: string, source: Pick<CatalogChange, 'sessionId' | 'credentials'>): Promise<void> {
    const reading = this.#options.slots(server, source).filter(({ isReading }) => isReading);
    await Promise.all(reading.map((slot) => slot.settled()));
    const methods = [...(this.#pending.get(key) ?? [])];
    this.#pending.delete(key);
    this.#options.onChange({ server, methods, ...source });
  }
}

function keyOf(server: string, { sessionId = '', credentials = '' }: ListSource): string {
  return `${sessionId} ${credentials} ${server}`;
}

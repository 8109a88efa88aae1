import type { Received } from './client.ts';

/** Longest wait for something that a server has said already. */
const PATIENCE = 20_000;

/** Writes down what a client is told, and lets a test wait for it. */
export class Recorder implements Received {
  readonly questions: string[] = [];
  readonly logs: string[] = [];
  readonly troubles: string[] = [];
  readonly #updates: string[] = [];
  readonly #waiting = new Set<() => void>();
  #toolChanges = 0;

  question(method: string, mode?: string): void {
    this.questions.push(mode === undefined ? method : `${method} ${mode}`);
  }

  trouble(error: Error): void {
    this.troubles.push(error.message);
  }

  log(level: string): void {
    this.logs.push(level);
    this.#wake();
  }

  toolsChanged(): void {
    this.#toolChanges += 1;
    this.#wake();
  }

  updated(uri: string): void {
    this.#updates.push(uri);
    this.#wake();
  }

  toolChanges(count: number): Promise<void> {
    return this.#until(() => this.#toolChanges >= count, `${count} changes of the tools`);
  }

  update(uri: string): Promise<void> {
    return this.#until(() => this.#updates.includes(uri), `an update of ${uri}`);
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }

  #until(isThere: () => boolean, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => void (isThere() && resolve());
    const seen = (): string => `changes: ${this.#toolChanges}, updates: ${this.#updates.join(', ')}`;
    const timer = setTimeout(() => reject(new Error(`No ${what} within ${PATIENCE} ms; ${seen()}`)), PATIENCE);
    this.#waiting.add(look);
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(look);
    });
  }
}

import { configErrors } from './errors.ts';
import { showPath, toPointer } from './path.ts';
import type { Path } from './path.ts';

/** One thing that is wrong, or worth knowing, and where. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; absent when the configuration did not come from a text. */
  readonly line?: number;
  readonly column?: number;
  /** Such as `servers.github.args[0]`; empty for the file as a whole. */
  readonly path: string;
  /** Never contains a value of `env` or `headers`. */
  readonly message: string;
  /** What to write instead. */
  readonly hint?: string;
}

/** A problem of something that is no file: where it is, as a JSON Pointer (RFC 6901). */
export interface PointedProblem {
  /** Such as `/env/TOKEN`; empty for the whole. */
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where a path stands in the text: its key, or its value. */
export type Locate = (path: Path, part: 'key' | 'value') => Position | undefined;

export interface ProblemOptions {
  readonly hint?: string | undefined;
  readonly part?: 'key' | 'value';
  /** The path is already the one the file has (foreign formats). */
  readonly inFile?: boolean;
}

/** More than a person reads at once; the count goes on. */
const MAX_PROBLEMS = 100;

/** Collects, so that a person sees everything that is wrong in one run. */
export class ProblemList {
  readonly #file: string;
  readonly #locate: Locate;
  readonly #toFilePath: (path: Path) => Path;
  readonly #problems: ConfigProblem[] = [];
  readonly #paths: Path[] = [];
  #count = 0;

  /** `toFilePath` turns a path of the checked configuration into the path the file has for it (foreign formats). */
  constructor(file: string, locate: Locate = () => undefined, toFilePath: (path: Path) => Path = (path) => path) {
    this.#file = file;
    this.#locate = locate;
    this.#toFilePath = toFilePath;
  }

  get count(): number {
    return this.#count;
  }

  add(path: Path, message: string, options: ProblemOptions = {}): void {
    const filePath = options.inFile ? path : this.#toFilePath(path);
    this.addAt(this.#locate(filePath, options.part ?? 'value'), filePath, message, options.hint);
  }

  /** For what has a position but no place in the tree. `path` is the path in the file. */
  addAt(position: Position | undefined, path: Path, message: string, hint?: string): void {
    this.#count += 1;
    if (this.#problems.length === MAX_PROBLEMS) return;
    this.#paths.push(path);
    this.#problems.push({
      file: this.#file,
      ...position,
      path: showPath(path),
      message,
      ...(hint !== undefined && { hint }),
    });
  }

  /** In the order of the file. */
  toArray(): readonly ConfigProblem[] {
    return this.#problems.toSorted(
      (one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
    );
  }

  /** In the order they were found, with pointers that start `depth` steps below the top. */
  toPointers(depth: number): readonly PointedProblem[] {
    return this.#problems.map(({ message, hint }, index) => ({
      pointer: toPointer((this.#paths[index] ?? []).slice(depth)),
      message,
      ...(hint !== undefined && { hint }),
    }));
  }

  /** @throws CONFIG_INVALID with everything collected so far. */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const problems = this.toArray().map((problem) => ({ ...problem }));
    throw configErrors.INVALID({ details: { count: this.#count, file: this.#file, problems } });
  }
}

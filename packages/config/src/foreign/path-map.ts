import type { Path } from '../path.ts';

/** Remembers where in a foreign file each part of the translated configuration came from. */
export class PathMap {
  readonly #origins = new Map<string, Path>();

  set(path: Path, origin: Path): void {
    this.#origins.set(JSON.stringify(path), origin);
  }

  /** The origin of the path itself or of the nearest part around it, and then the rest of the path. */
  toFilePath(path: Path): Path {
    for (let length = path.length; length > 0; length -= 1) {
      const origin = this.#origins.get(JSON.stringify(path.slice(0, length)));
      if (origin !== undefined) return [...origin, ...path.slice(length)];
    }
    return path;
  }
}

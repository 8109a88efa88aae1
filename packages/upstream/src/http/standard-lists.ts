import type { McpRequest } from '@hostler/kernel';
import { mirroredName, standardHeaders } from '@hostler/protocol';

/**
 * Lists that are kept, and characters of a name: most servers have fewer names that are called, and callers choose them. With the head
 * that is written for each they take 1 KB.
 */
const MOST = 64;
const LONGEST = 128;

/** The standard headers of requests, as names and values in turn: the same list for the same words. */
export class StandardLists {
  readonly #known = new Map<string, readonly string[]>();

  of(request: McpRequest): readonly string[] {
    const name = mirroredName(request.method, request.params);
    const words = name === undefined ? request.method : `${request.method} ${name}`;
    const known = this.#known.get(words);
    if (known !== undefined) return known;
    const list = Object.entries(standardHeaders(request)).flat();
    if (words.length <= LONGEST && this.#known.size < MOST) this.#known.set(words, list);
    return list;
  }
}

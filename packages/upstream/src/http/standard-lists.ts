import type { McpRequest } from '@hostler/kernel';
import { mirroredName, standardHeaders } from '@hostler/protocol';

/** Lists that are kept, and characters of a name: a server has few names that are called, and a URI may be any. */
const MOST = 1_024;
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

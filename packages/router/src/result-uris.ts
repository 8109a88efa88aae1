import { JsonShapeError, parseBytes, scanElements, scanMembers } from '@hostler/protocol';
import type { Member, Span } from '@hostler/protocol';

interface Replacement {
  readonly span: Span;
  readonly text: string;
}

type Rename = (rawUri: string) => string;

/** Where URIs of resources stand in a result. Source: MCP 2025-11-25 and 2026-07-28, schema: ContentBlock. */
const FINDERS: Readonly<Record<string, (search: UriSearch, result: Span) => void>> = {
  'tools/call': (search, result) => search.eachOf(result, 'content', (block) => search.inBlock(block)),
  'prompts/get': (search, result) => {
    search.eachOf(result, 'messages', (message) => {
      const content = search.member(message, 'content');
      if (content !== undefined) search.inBlock(content);
    });
  },
  'resources/read': (search, result) => search.eachOf(result, 'contents', (contents) => search.uriOf(contents)),
};

/**
 * A result with the URIs of its resources, resource links and embedded resources renamed. Nothing else changes, byte for
 * byte; the same bytes when there is none to rename, or when the result is not what its method promises.
 */
export function renameResultUris(method: string, result: Uint8Array, rename: Rename): Uint8Array {
  const find = Object.hasOwn(FINDERS, method) ? FINDERS[method] : undefined;
  if (find === undefined || !holdsUri(result)) return result;
  const search = new UriSearch(result, rename);
  try {
    // White space may stand before it.
    find(search, { start: Math.max(0, result.indexOf(OPEN_BRACE)), end: result.length });
  } catch (thrown) {
    if (thrown instanceof JsonShapeError) return result;
    throw thrown;
  }
  return replaced(result, search.found);
}

function holdsUri(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(URI_KEY);
}

class UriSearch {
  readonly found: Replacement[] = [];
  readonly #bytes: Uint8Array;
  readonly #rename: Rename;

  constructor(bytes: Uint8Array, rename: Rename) {
    this.#bytes = bytes;
    this.#rename = rename;
  }

  eachOf(object: Span, key: string, visit: (element: Span) => void): void {
    const list = this.member(object, key);
    if (list === undefined || this.#bytes[list.start] !== OPEN_BRACKET) return;
    for (const element of scanElements(this.#bytes, list)) visit(element);
  }

  member(object: Span, key: string): Span | undefined {
    return this.#members(object).find((member) => member.key === key)?.value;
  }

  /** A resource link has its URI itself, an embedded resource one level down. */
  inBlock(block: Span): void {
    if (!holdsUri(this.#bytes.subarray(block.start, block.end))) return;
    const members = this.#members(block);
    const type = textIn(this.#bytes, members.find(({ key }) => key === 'type')?.value);
    if (type === 'resource_link') this.#renameIn(members);
    else if (type === 'resource') {
      const resource = members.find(({ key }) => key === 'resource')?.value;
      if (resource !== undefined) this.uriOf(resource);
    }
  }

  uriOf(object: Span): void {
    this.#renameIn(this.#members(object));
  }

  #members(object: Span): readonly Member[] {
    return this.#bytes[object.start] === OPEN_BRACE ? scanMembers(this.#bytes, object.start, object.end) : [];
  }

  #renameIn(members: readonly Member[]): void {
    const span = members.find(({ key }) => key === 'uri')?.value;
    const uri = textIn(this.#bytes, span);
    if (span === undefined || uri === undefined) return;
    const renamed = this.#rename(uri);
    if (renamed !== uri) this.found.push({ span, text: JSON.stringify(renamed) });
  }
}

function textIn(bytes: Uint8Array, span: Span | undefined): string | undefined {
  const value = span && parseBytes(bytes.subarray(span.start, span.end));
  return typeof value === 'string' ? value : undefined;
}

function replaced(bytes: Uint8Array, replacements: readonly Replacement[]): Uint8Array {
  if (replacements.length === 0) return bytes;
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { span, text } of replacements) {
    parts.push(bytes.subarray(at, span.start), Buffer.from(text));
    at = span.end;
  }
  parts.push(bytes.subarray(at));
  return Buffer.concat(parts);
}

const URI_KEY = Buffer.from('"uri"');
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

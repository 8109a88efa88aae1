import { JsonShapeError, JsonWalk, parseBytes } from '@hostler/protocol';
import type { WalkVisitor } from '@hostler/protocol';

type Rename = (rawUri: string) => string;

/** A URI that is not passed on before it shows whether it is one of a resource. */
interface OpenUri {
  readonly raw: Uint8Array;
  readonly renamed: Uint8Array;
  /** What its block has to be. */
  readonly type: string;
}

interface Capture {
  readonly key: 'type' | 'uri';
  /** For a URI: what its block has to be; undefined when that does not matter. */
  readonly type: string | undefined;
  readonly pieces: Uint8Array[];
  size: number;
}

const LISTS: Readonly<Record<string, string>> = { 'tools/call': 'content', 'resources/read': 'contents' };
/** No resource has a URI that is longer. */
const LONGEST_URI = 64 * 1024;
/** What is held until the type of a block shows. Beyond it, what has a URI is taken for a resource. */
const MOST_HELD = 1024 * 1024;
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const NOTHING = new Uint8Array();

/** Methods of which results can be renamed while they arrive. */
export function canRenameArriving(method: string): boolean {
  return Object.hasOwn(LISTS, method);
}

/**
 * Renames the URIs of resources in a result that arrives in pieces: those that `renameResultUris` finds in a whole one. A
 * member that stands twice is renamed twice; of a whole result with such a thing nothing is renamed.
 */
export class ResultUriStream implements WalkVisitor {
  readonly #rename: Rename;
  readonly #list: string | undefined;
  /** Blocks tell by their type what they are; what was read is always a resource. */
  readonly #hasTypes: boolean;
  readonly #walk = new JsonWalk(this);
  #piece: Uint8Array = NOTHING;
  #writtenTo = 0;
  #out: Uint8Array[] = [];
  /** From the first URI of which the type has not come. */
  #held: (Uint8Array | OpenUri)[] = [];
  #heldBytes = 0;
  #type: string | undefined;
  #capture: Capture | undefined;

  constructor(method: string, rename: Rename) {
    this.#rename = rename;
    this.#list = LISTS[method];
    this.#hasTypes = method === 'tools/call';
  }

  /** @returns what can be passed on. @throws JsonShapeError */
  push(piece: Uint8Array): readonly Uint8Array[] {
    this.#piece = piece;
    this.#writtenTo = 0;
    this.#walk.feed(piece);
    if (this.#capture === undefined) this.#writeTo(piece.length);
    else this.#keep(piece.length);
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** Whether parts of what was pushed wait for more. What is captured of a URI is a copy. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  onValue(depth: number, key: string | undefined, at: number): boolean {
    const byte = this.#piece[at];
    switch (depth) {
      case 0:
        return true;
      case 1:
        return key === this.#list && byte === OPEN_BRACKET;
      case 2:
        this.#type = undefined;
        return byte === OPEN_BRACE;
      case 3:
        if (key === 'uri' && byte === QUOTE) this.#begin('uri', at, this.#hasTypes ? 'resource_link' : undefined);
        else if (key === 'type' && byte === QUOTE) this.#begin('type', at, undefined);
        return this.#hasTypes && key === 'resource' && byte === OPEN_BRACE;
      default:
        if (key === 'uri' && byte === QUOTE) this.#begin('uri', at, 'resource');
        return false;
    }
  }

  onValueEnd(depth: number, at: number): void {
    const capture = this.#capture;
    if (capture !== undefined) {
      this.#keep(at);
      this.#capture = undefined;
      if (capture.key === 'uri') this.#addUri(capture);
      else this.#settleType(textOf(Buffer.concat(capture.pieces)));
    }
    // Without a type it is no block, and nothing in it is a resource.
    if (depth === 2) this.#settleType('');
  }

  #begin(key: Capture['key'], at: number, type: string | undefined): void {
    this.#writeTo(at);
    this.#capture = { key, type, pieces: [], size: 0 };
  }

  /** What is captured is written when it is whole. */
  #keep(end: number): void {
    const capture = this.#capture as Capture;
    const part = this.#piece.subarray(this.#writtenTo, end);
    capture.size += part.length;
    if (capture.size > LONGEST_URI) return this.#giveUp(capture, end);
    // A copy, for a part would keep all that it was cut from.
    capture.pieces.push(Uint8Array.from(part));
    if (capture.key === 'type') this.#writeTo(end);
    else this.#writtenTo = end;
  }

  #giveUp(capture: Capture, end: number): void {
    if (capture.key === 'uri') for (const piece of capture.pieces) this.#write(piece);
    capture.pieces.length = 0;
    this.#writeTo(end);
  }

  #addUri({ pieces, type }: Capture): void {
    const raw = Buffer.concat(pieces);
    const uri = textOf(raw);
    const renamed = uri === undefined ? uri : this.#rename(uri);
    if (renamed === undefined || renamed === uri) return this.#write(raw);
    const replacement = Buffer.from(JSON.stringify(renamed));
    if (type === undefined || type === this.#type) this.#write(replacement);
    else if (this.#type !== undefined) this.#write(raw);
    else this.#held.push({ raw, renamed: replacement, type });
  }

  #settleType(type: string | undefined): void {
    this.#type = type ?? '';
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const part of held) {
      if (part instanceof Uint8Array) this.#out.push(part);
      else this.#out.push(part.type === this.#type ? part.renamed : part.raw);
    }
  }

  #writeTo(end: number): void {
    const part = this.#piece.subarray(this.#writtenTo, end);
    this.#writtenTo = end;
    this.#write(part);
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#held.length === 0) {
      this.#out.push(bytes);
      return;
    }
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MOST_HELD) this.#release();
  }

  #release(): void {
    for (const part of this.#held) this.#out.push(part instanceof Uint8Array ? part : part.renamed);
    this.#held = [];
    this.#heldBytes = 0;
  }
}

/** The text of a string; undefined when it is malformed. */
function textOf(json: Uint8Array): string | undefined {
  try {
    const value = parseBytes(json);
    return typeof value === 'string' ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof JsonShapeError) return undefined;
    throw thrown;
  }
}

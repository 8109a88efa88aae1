import { JsonShapeError, memberBytes, parseBytes, scanElements } from '@hostler/protocol';
import type { ListKind, ListName } from '@hostler/protocol';

/** One tool, prompt, resource or template as its server defined it. */
export interface Definition {
  /** What identifies it on its server: a name, URI or URI template. */
  readonly key: string;
  /** The whole definition, byte for byte. */
  readonly bytes: Uint8Array;
}

/** Everything that one server has. */
export type DefinitionLists = Readonly<Record<ListName, readonly Definition[]>>;

/**
 * Takes one page of a list result apart. An entry that is no valid JSON object or has no usable key is left out and
 * counted: spliced into a list of many servers it would spoil the list for all of them.
 * @throws JsonShapeError when the result holds no such list.
 */
export function readDefinitions(result: Uint8Array, kind: ListKind): { definitions: Definition[]; unusable: number } {
  const list = memberBytes(result, kind.member) ?? EMPTY_LIST;
  const definitions: Definition[] = [];
  let unusable = 0;
  for (const { start, end } of scanElements(list, { start: 0, end: list.length })) {
    const bytes = list.subarray(start, end);
    const key = readKey(bytes, kind);
    if (key === undefined) unusable++;
    else definitions.push({ key, bytes });
  }
  return { definitions, unusable };
}

/** The cursor of the next page; undefined on the last one. @throws JsonShapeError */
export function readNextCursor(result: Uint8Array): string | undefined {
  return readText(memberBytes(result, 'nextCursor'));
}

/** What identifies a definition; undefined when it cannot be used. */
function readKey(definition: Uint8Array, kind: ListKind): string | undefined {
  try {
    parseBytes(definition);
    const key = readText(memberBytes(definition, kind.key));
    return key !== undefined && key !== '' && key.isWellFormed() ? key : undefined;
  } catch (thrown) {
    if (thrown instanceof JsonShapeError) return undefined;
    throw thrown;
  }
}

function readText(bytes: Uint8Array | undefined): string | undefined {
  const text = bytes === undefined ? undefined : parseBytes(bytes);
  return typeof text === 'string' ? text : undefined;
}

const EMPTY_LIST = Buffer.from('[]');

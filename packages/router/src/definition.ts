import { memberBytes, scanElements } from '@hostler/protocol';
import type { ListKind } from '@hostler/protocol';

/** One tool, prompt, resource or template as its server defined it. */
export interface Definition {
  /** What identifies it on its server: a name, URI or URI template. */
  readonly key: string;
  /** The whole definition, byte for byte. */
  readonly bytes: Uint8Array;
}

/**
 * Takes one page of a list result apart. An entry without a usable key is left out and counted.
 * @throws JsonShapeError when the result holds no such list.
 */
export function readDefinitions(result: Uint8Array, kind: ListKind): { definitions: Definition[]; unusable: number } {
  const list = memberBytes(result, kind.member) ?? EMPTY_LIST;
  const definitions: Definition[] = [];
  let unusable = 0;
  for (const { start, end } of scanElements(list, { start: 0, end: list.length })) {
    const bytes = list.subarray(start, end);
    const key = readText(memberBytes(bytes, kind.key));
    if (key === undefined || key === '') unusable++;
    else definitions.push({ key, bytes });
  }
  return { definitions, unusable };
}

/** The cursor of the next page; undefined on the last one. @throws JsonShapeError */
export function readNextCursor(result: Uint8Array): string | undefined {
  return readText(memberBytes(result, 'nextCursor'));
}

function readText(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes[0] !== 0x22) return undefined;
  const text: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return typeof text === 'string' ? text : undefined;
}

const EMPTY_LIST = Buffer.from('[]');

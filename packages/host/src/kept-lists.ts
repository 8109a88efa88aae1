import { JsonShapeError, listKinds } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { readDefinitions } from '@hostler/router';
import type { KeptLists } from './catalog-store.ts';
import { memberValue } from './member-value.ts';
import { LIST_NAMES } from './server-lists.ts';

/** Of another version nothing is read. */
const VERSION = 1;

/** Lists as bytes to be kept: JSON, with every definition as its server wrote it. */
export function keptListsToBytes({ era, lists }: KeptLists, digest: string): Uint8Array {
  const parts = [Buffer.from(`{"version":${VERSION},"digest":${JSON.stringify(digest)},"era":"${era}"`)];
  for (const kind of LIST_NAMES) {
    parts.push(Buffer.from(`,"${listKinds[kind].member}":[`));
    for (const [index, { bytes }] of lists[kind].entries()) {
      if (index > 0) parts.push(COMMA);
      parts.push(Buffer.from(bytes));
    }
    parts.push(CLOSE_LIST);
  }
  return Buffer.concat([...parts, CLOSE]);
}

/**
 * @returns undefined for the lists of a server with other settings
 * @throws JsonShapeError for what this function's counterpart did not write
 */
export function keptListsFromBytes(bytes: Uint8Array, digest: string): KeptLists | undefined {
  if (memberValue(bytes, 'version') !== VERSION || memberValue(bytes, 'digest') !== digest) return undefined;
  const era = memberValue(bytes, 'era');
  if (era !== 'legacy' && era !== 'modern') throw new JsonShapeError('no era');
  const read = (kind: ListName) => {
    const { definitions, unusable } = readDefinitions(bytes, listKinds[kind]);
    if (unusable > 0) throw new JsonShapeError('unusable definitions');
    return definitions;
  };
  return {
    era,
    lists: { tool: read('tool'), prompt: read('prompt'), resource: read('resource'), template: read('template') },
  };
}

const COMMA = Buffer.from(',');
const CLOSE_LIST = Buffer.from(']');
const CLOSE = Buffer.from('}\n');

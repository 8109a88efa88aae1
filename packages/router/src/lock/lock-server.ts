import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { parseBytes } from '@hostler/protocol';
import type { Definition, DefinitionLists } from '../definition.ts';
import { lockDefinition } from './lock-file.ts';
import type { LockedDefinition, LockedDefinitions, LockedServer } from './lock-file.ts';

/** A server as it is now. */
export interface ObservedServer {
  readonly source: JsonObject;
  readonly instructions?: string | undefined;
  /** As the server gave them. */
  readonly lists: Pick<DefinitionLists, 'tool' | 'prompt' | 'template'>;
}

/** A server as it would stand in the lockfile if it were approved as it is. */
export function lockServer({ source, instructions, lists }: ObservedServer): LockedServer {
  return {
    source,
    ...(instructions !== undefined && { instructions }),
    tool: lockAll(lists.tool),
    prompt: lockAll(lists.prompt),
    template: lockAll(lists.template),
  };
}

/** Of what stands twice the first is served. */
function lockAll(definitions: readonly Definition[]): LockedDefinitions {
  return Object.fromEntries(
    definitions
      .toReversed()
      .map(({ key, bytes }): [string, LockedDefinition] => [key, lockDefinition(readMeant(bytes))]),
  );
}

/**
 * What a definition means, in lower case: there are readers to whom `Description` is `description` (Go, before
 * CVE-2026-27896). `_meta`, icons and what the revisions to come may add say nothing that a model acts upon.
 */
const MEANT: ReadonlySet<string> = new Set([
  'name',
  'title',
  'description',
  'inputschema',
  'outputschema',
  'annotations',
  'arguments',
  'uritemplate',
  'mimetype',
]);

function readMeant(bytes: Uint8Array): JsonObject {
  const value = parseBytes(bytes);
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([member, part]): [string, Json][] =>
      part === undefined || !MEANT.has(member.toLowerCase()) ? [] : [[member, part]],
    ),
  );
}

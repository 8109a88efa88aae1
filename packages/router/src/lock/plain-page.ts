import { editObject, joinElements, listKinds } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { readDefinitions } from '../definition.ts';
import { checkDefinition, MAX_DESCRIPTION_LENGTH } from './check-definition.ts';
import { maySuspect } from './suspicious-text.ts';
import type { SuspiciousPolicy } from './suspicious-text.ts';

/**
 * One page of a list as its server gave it, without what a person would not see in it: the same bytes where there is
 * nothing of that. For lists that are not put together from what was read before.
 * @throws JsonShapeError when it cannot be looked into
 */
export function plainPage(result: Uint8Array, kind: ListName, policy: SuspiciousPolicy): Uint8Array {
  if (result.length <= MAX_DESCRIPTION_LENGTH && !maySuspect(result)) return result;
  const { definitions, unusable } = readDefinitions(result, listKinds[kind]);
  const plain = definitions.map((definition) => checkDefinition(definition, kind, policy).bytes);
  // What cannot be read may hide anything.
  if (unusable === 0 && plain.every((bytes, index) => bytes === definitions[index]?.bytes)) return result;
  const left = plain.filter((bytes) => bytes !== undefined);
  return editObject(result, { set: { [listKinds[kind].member]: joinElements(left) } });
}

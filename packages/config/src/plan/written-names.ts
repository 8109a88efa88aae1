import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';

/** The names below a key of the configuration as it was written: what is broken is there all the same. */
export function writtenNames(written: unknown, ...path: readonly string[]): readonly string[] {
  return Object.keys(writtenMap(written, ...path));
}

/** The map at a path; an empty one when there is none. */
export function writtenMap(written: unknown, ...path: readonly string[]): JsonObject {
  let value = written;
  for (const step of path) value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return isJsonObject(value) ? value : {};
}

import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';

/** One value to write into a text, or, without a value, to take out of it. */
export interface Edit {
  readonly path: readonly [string, ...string[]];
  readonly value?: Json;
}

/** The smallest edits that make one value of another: what is equal, and every comment beside it, stays. */
export function editsBetween(path: Edit['path'], from: Json | undefined, to: Json | undefined): Edit[] {
  if (to === undefined) return from === undefined ? [] : [{ path }];
  if (!isJsonObject(from) || !isJsonObject(to)) return isDeepStrictEqual(from, to) ? [] : [{ path, value: to }];
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...keys].flatMap((key) => editsBetween([...path, key], from[key], to[key]));
}

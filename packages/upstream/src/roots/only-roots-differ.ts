import { isDeepStrictEqual } from 'node:util';
import type { UpstreamSpec } from '@hostler/kernel';

/** Whether two specs of a server differ in its folders or in the arguments that are paths, and in nothing else. */
export function onlyRootsDiffer(one: UpstreamSpec, other: UpstreamSpec): boolean {
  const { roots: rootsOfOne, pathArguments: argumentsOfOne, ...restOfOne } = one;
  const { roots, pathArguments, ...rest } = other;
  const differ = !isDeepStrictEqual([rootsOfOne, argumentsOfOne], [roots, pathArguments]);
  return differ && isDeepStrictEqual(restOfOne, rest);
}

import type { Caller } from './endpoint-parts.ts';

/** Whether both are the same consumer at the same place. */
export function isSameCaller(one: Caller, other: Caller): boolean {
  const isSameScope =
    one.scope.kind === 'server'
      ? other.scope.kind === 'server' && other.scope.name === one.scope.name
      : other.scope.kind === one.scope.kind;
  return isSameScope && one.consumer.name === other.consumer.name;
}

import { principalOf } from '@hostler/kernel';
import type { Caller } from './endpoint-parts.ts';

/** Whether both are the same consumer, and the same of the people it stands for, at the same place. */
export function isSameCaller(one: Caller, other: Caller): boolean {
  const isSameScope =
    one.scope.kind === 'server'
      ? other.scope.kind === 'server' && other.scope.name === one.scope.name
      : other.scope.kind === 'all' && other.scope.bundle === one.scope.bundle;
  if (!isSameScope) return false;
  // A key always proves one and the same object; writing both down is for tokens.
  return one.consumer === other.consumer || principalOf(one.consumer) === principalOf(other.consumer);
}

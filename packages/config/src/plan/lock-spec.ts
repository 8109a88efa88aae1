import { resolve } from 'node:path';
import type { DriftAction, DriftPolicy } from '@hostler/kernel';
import type { CheckedConfig } from '../schema/config-file.ts';
import { DEFAULT_DRIFT } from '../schema/lock.ts';

/** What was approved of the servers, and what happens to what differs. */
export interface LockSpec {
  /** Absolute; absent: nothing is compared. */
  readonly file?: string;
  /** For consumers of which nothing else is said. */
  readonly drift: DriftPolicy;
  readonly suspicious: 'flag' | 'strip' | 'hide';
}

type WrittenPolicy = DriftAction | Partial<DriftPolicy> | undefined;

export function toLockSpec({ lock }: CheckedConfig, folder: string): LockSpec {
  return {
    ...(lock.file !== undefined && { file: resolve(folder, lock.file) }),
    drift: toDriftPolicy(lock.drift, DEFAULT_DRIFT),
    suspicious: lock.suspicious,
  };
}

/** What is not said of a consumer is as it is for everybody. */
export function toConsumerDrift(own: WrittenPolicy, all: WrittenPolicy): DriftPolicy {
  return toDriftPolicy(own, toDriftPolicy(all, DEFAULT_DRIFT));
}

function toDriftPolicy(written: WrittenPolicy, otherwise: DriftPolicy): DriftPolicy {
  if (typeof written !== 'string') return { ...otherwise, ...written };
  return {
    wording: written,
    hints: written,
    schema: written,
    new: written,
    removed: written,
    server: written,
  };
}

import type { Consumer, Scope, View } from '@hostler/kernel';

/** A named set of what a consumer sees, with an endpoint of its own. */
export interface Bundle {
  /** What of it this consumer sees: never more than without the bundle. */
  readonly view: View;
  readonly title?: string;
  /** Take the place of those of its servers. */
  readonly instructions?: string;
}

/** Undefined for a bundle that does not exist, and for one that is not this consumer's. */
export type BundleOf = (consumer: Consumer, name: string) => Bundle | undefined;

/** The bundle that is addressed; undefined for everything else. */
export function bundleName(scope: Scope | undefined): string | undefined {
  return scope?.kind === 'all' ? scope.bundle : undefined;
}

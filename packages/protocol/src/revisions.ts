import type { Era } from '@hostler/kernel';

/** Newest first. */
export const legacyRevisions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** Newest first. */
export const modernRevisions = ['2026-07-28'] as const;

export const newestLegacyRevision: string = legacyRevisions[0];
export const newestModernRevision: string = modernRevisions[0];

/** Undefined for what is no revision that Hostler speaks. */
export function eraOf(revision: string): Era | undefined {
  if ((legacyRevisions as readonly string[]).includes(revision)) return 'legacy';
  if ((modernRevisions as readonly string[]).includes(revision)) return 'modern';
  return undefined;
}

/**
 * Whether a revision that may be unknown to us belongs to the modern era: revisions are dates, and the era began with
 * 2026-07-28.
 */
export function namesModernEra(revision: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(revision) && revision >= '2026-07-28';
}

/** The answer to the revision that an `initialize` asks for: the same when we speak it, else our newest legacy one. */
export function negotiateLegacyRevision(requested: string): string {
  return (legacyRevisions as readonly string[]).includes(requested) ? requested : newestLegacyRevision;
}

import type { Finding } from './finding.ts';

/** What one search has looked at, and what it found. */
export interface Scanned {
  readonly what: string;
  readonly findings: readonly Finding[];
  /** Files that are binary, or too long to be searched by shape. */
  readonly unread: number;
}

import { fileURLToPath } from 'node:url';

export type Revision = '2025-11-25' | '2026-07-28';

/** One run of the official suite. */
export interface Run {
  readonly name: string;
  /** How the host reaches the fixture. */
  readonly transport: 'http' | 'stdio';
  /** What the fixture behind the host can speak. */
  readonly fixture: 'dual' | 'legacy' | 'modern';
  readonly revision: Revision;
  /** Failures that are known and explained; without it every scored scenario must pass. */
  readonly expectedFailures?: string;
}

/** Through Hostler. Where the eras differ, what no translation can keep is listed in a file, check by check. */
export const hostedRuns: readonly Run[] = [
  { name: 'http-2025', transport: 'http', fixture: 'dual', revision: '2025-11-25' },
  { name: 'http-2026', transport: 'http', fixture: 'dual', revision: '2026-07-28' },
  { name: 'stdio-2025', transport: 'stdio', fixture: 'dual', revision: '2025-11-25' },
  { name: 'stdio-2026', transport: 'stdio', fixture: 'dual', revision: '2026-07-28' },
  {
    name: 'legacy-as-2026',
    transport: 'http',
    fixture: 'legacy',
    revision: '2026-07-28',
    expectedFailures: beside('legacy-as-2026.yaml'),
  },
  { name: 'modern-as-2025', transport: 'http', fixture: 'modern', revision: '2025-11-25' },
];

/** Against the fixture itself: it must be right before it can show that the host is. */
export const directRuns: readonly Run[] = [
  { name: 'direct-2025', transport: 'http', fixture: 'dual', revision: '2025-11-25' },
  { name: 'direct-2026', transport: 'http', fixture: 'dual', revision: '2026-07-28' },
  { name: 'direct-legacy-2025', transport: 'http', fixture: 'legacy', revision: '2025-11-25' },
  { name: 'direct-modern-2026', transport: 'http', fixture: 'modern', revision: '2026-07-28' },
];

/** Hostler as the client of the suite's servers, driven by an official client of that era. */
export interface ClientRun {
  readonly name: string;
  readonly driver: 'legacy' | 'modern';
  readonly revision: Revision;
  readonly expectedFailures: string;
}

export const clientRuns: readonly ClientRun[] = [
  {
    name: 'client-2025',
    driver: 'legacy',
    revision: '2025-11-25',
    expectedFailures: beside('client-2025.yaml'),
  },
  {
    name: 'client-2026',
    driver: 'modern',
    revision: '2026-07-28',
    expectedFailures: beside('client-2026.yaml'),
  },
];

function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

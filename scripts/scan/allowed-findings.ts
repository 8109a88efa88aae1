import { readFileSync } from 'node:fs';
import type { Finding } from './finding.ts';

/** Something that looks like a secret and is none. */
interface Allowed {
  readonly rule: string;
  /** SHA-256 of the exact text: another one at the same place is a finding. */
  readonly digest: string;
  /** Where it stands. */
  readonly where: string;
  /** Why it is none. */
  readonly reason: string;
}

const FILE = new URL('allowed.json', import.meta.url);

/** @throws when an entry lacks what a reviewer needs */
export function readAllowed(): readonly Allowed[] {
  const entries = JSON.parse(readFileSync(FILE, 'utf8')) as readonly Partial<Allowed>[];
  return entries.map(({ rule, digest, where, reason }) => {
    if (!rule || !where || !reason || !/^[0-9a-f]{64}$/.test(digest ?? '')) {
      throw new Error(`allowed.json: ${JSON.stringify({ rule, where })} needs rule, digest, where and reason`);
    }
    return { rule, digest: digest ?? '', where, reason };
  });
}

export function withoutAllowed(
  findings: readonly Finding[],
  allowed: readonly Pick<Allowed, 'rule' | 'digest'>[],
): readonly Finding[] {
  const known = new Set(allowed.map(({ rule, digest }) => `${rule} ${digest}`));
  return findings.filter(({ rule, digest }) => !known.has(`${rule} ${digest}`));
}

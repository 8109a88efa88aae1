import type { Candidate } from '@hostler/router';
import type { UpstreamState } from '@hostler/upstream';

export interface ByHealth {
  readonly well: readonly Candidate[];
  /** A last resort. */
  readonly others: readonly Candidate[];
}

/** Which of the candidates can be expected to answer; both parts in the order given. */
export function byHealth(candidates: readonly Candidate[], states: readonly UpstreamState[]): ByHealth {
  const up = new Set(
    states.flatMap(({ name, status, phase }) => (status === 'up' && phase !== 'degraded' ? name : [])),
  );
  const isWell = ({ member }: Candidate): boolean => up.has(member.server);
  return { well: candidates.filter(isWell), others: candidates.filter((candidate) => !isWell(candidate)) };
}

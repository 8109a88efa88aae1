import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';

/** Whoever says what happens to drift believes that something is compared. */
export function checkLock({ lock, consumers = {} }: CheckedConfig, problems: ProblemList): void {
  if (lock.file !== undefined) return;
  const hint = 'add lock: { file: hostler.lock }';
  if (lock.drift !== undefined) {
    problems.add(['lock', 'drift'], 'there is no lockfile to compare with', { hint, part: 'key' });
  }
  for (const [name, { drift }] of Object.entries(consumers)) {
    if (drift === undefined) continue;
    problems.add(['consumers', name, 'drift'], 'there is no lockfile to compare with', { hint, part: 'key' });
  }
}

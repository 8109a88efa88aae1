import type { HostPlan } from '@hostler/config';
import type { UpstreamSpec } from '@hostler/kernel';
import { hasUserGrant, isPersonal } from '@hostler/upstream';
import { apiErrors } from '../errors.ts';

/** What cannot be divided among workers, or shared by them, is refused rather than done wrongly. @throws API_WORKERS_UNSUPPORTED */
export function checkShareable(plan: Pick<HostPlan, 'servers' | 'consumers'>, workers: number): void {
  if (workers <= 1) return;
  if (process.platform === 'win32') throw unsupported('on Windows there is one process', workers);
  for (const spec of plan.servers) {
    const reason = notShared(spec);
    if (reason !== undefined) throw unsupported(`servers.${spec.name}: ${reason}`, workers);
  }
  for (const { name, limits } of plan.consumers ?? []) {
    for (const key of ['concurrent', 'sessions', 'streams'] as const) {
      const most = limits?.[key];
      if (most === undefined || most >= workers) continue;
      throw unsupported(`consumers.${name}.limits.${key}: ${most} is less than one for each worker`, workers);
    }
  }
}

/** Why a server cannot be used by several processes; undefined: it can. */
export function notShared(spec: UpstreamSpec): string | undefined {
  if (hasUserGrant(spec)) return 'tokens that users agree to are kept by one process';
  if (spec.transport.kind === 'stdio' && isPersonal(spec)) return 'a process for each caller belongs to one process';
  return undefined;
}

function unsupported(reason: string, workers: number): Error {
  return apiErrors.WORKERS_UNSUPPORTED({ details: { reason, workers } });
}

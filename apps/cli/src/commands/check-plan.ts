import { bindAddress } from '@hostler/api';
import type { HostPlan, PlanProblem } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import { checkSecrets } from '@hostler/runtime';

/** What would stop `run`, or keep a server from starting, although the file as such is right. Reads no secret. */
export async function checkPlan(plan: HostPlan): Promise<readonly PlanProblem[]> {
  return [...checkAddress(plan), ...(await checkSecrets(plan))];
}

function checkAddress(plan: HostPlan): PlanProblem[] {
  try {
    bindAddress(plan.listen.host, plan);
    return [];
  } catch (error) {
    if (!isHostlerError(error)) throw error;
    return [{ path: ['listen', 'host'], message: error.message }];
  }
}

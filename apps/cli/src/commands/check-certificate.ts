import { isHostlerError } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import type { Check } from './check.ts';

/** Whether what `listen.tls` names can be read and fits together: otherwise the host does not start. */
export async function checkCertificate(tls: Pick<Runtime['tls'], 'read'>, signal: AbortSignal): Promise<Check[]> {
  try {
    const material = await tls.read(signal);
    return material === undefined ? [] : [{ name: 'certificate', status: 'ok', message: 'it fits its key' }];
  } catch (error) {
    if (!isHostlerError(error)) throw error;
    return [{ name: 'certificate', status: 'failed', message: error.message }];
  }
}

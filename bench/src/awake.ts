import { closeSync, openSync, writeSync } from 'node:fs';

/** Whoever holds it open says how many microseconds a core may take to wake up. Source: Linux, power/pm_qos_interface. */
const LATENCY = '/dev/cpu_dma_latency';

/**
 * Keeps all cores from falling asleep between calls, as programs that measure latency do (cyclictest of rt-tests by default).
 * What a core, or a hypervisor, takes to wake up is the machine's, and the same for every target: with one call in flight it is
 * most of what would be measured.
 * @returns lets them sleep again; undefined where this user may not ask for it
 */
export function keepAwake(): (() => void) | undefined {
  let file: number;
  try {
    file = openSync(LATENCY, 'w');
  } catch {
    return undefined;
  }
  writeSync(file, new Uint8Array(Int32Array.BYTES_PER_ELEMENT));
  return () => closeSync(file);
}

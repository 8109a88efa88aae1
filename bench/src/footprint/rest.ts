import { setTimeout } from 'node:timers/promises';
import type { Run } from '../load.ts';
import { cpuMicroseconds } from '../process-usage.ts';
import { callUntil, echoServer, startLoad, withHost } from './measure.ts';
import type { Program } from './program.ts';

/** Every path compiled. */
const WARM_CALLS = 60_000;
/** Longer than the engine waits until it tidies a process that rests. */
const REST_MS = 30_000;
const ROUND_SECONDS = 1;

/** CPU per call of the second after a rest, to that of the second before; one call at a time, which nothing else hides. */
export function measureRest(program: Program): Promise<number> {
  return withHost({ program, servers: echoServer }, async (rig) => {
    const load = startLoad(rig);
    await callUntil(load, WARM_CALLS);
    const cpuPerCall = async (): Promise<number> => {
      const before = cpuMicroseconds(rig.host.pid) ?? Number.NaN;
      const { calls } = JSON.parse(await load.line(`1 ${ROUND_SECONDS}`)) as Run;
      return ((cpuMicroseconds(rig.host.pid) ?? Number.NaN) - before) / calls;
    };
    // The first of them opens what one call at a time needs.
    await cpuPerCall();
    const busy = await cpuPerCall();
    await setTimeout(REST_MS);
    return (await cpuPerCall()) / busy;
  });
}

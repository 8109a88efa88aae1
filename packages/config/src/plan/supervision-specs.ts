import type { ChildResources, RecycleSpec, UpstreamSpec } from '@hostler/kernel';
import { toBytes } from '../byte-size.ts';
import { toMilliseconds } from '../duration.ts';
import type { CheckedServer } from '../schema/config-file.ts';
import { toServerLimits } from './limits-spec.ts';

/** How the server is watched over. */
export function toSupervisionSpecs(
  server: CheckedServer,
): Pick<UpstreamSpec, 'concurrency' | 'rates' | 'recycle' | 'replay'> {
  const { recycle, replay } = server;
  return {
    ...toServerLimits(server),
    ...(recycle && { recycle: toRecycleSpec(recycle) }),
    // What equals the default is left out, so that the same setting written in two ways is the same plan.
    ...(replay !== 'safe' && { replay }),
  };
}

function toRecycleSpec({ idle, lifetime }: NonNullable<CheckedServer['recycle']>): RecycleSpec {
  return {
    ...(idle !== undefined && { idle: toMilliseconds(idle) }),
    ...(lifetime !== undefined && { lifetime: toMilliseconds(lifetime) }),
  };
}

export function toChildResources({ memory, cpu, openFiles }: NonNullable<CheckedServer['resources']>): ChildResources {
  return {
    ...(memory !== undefined && { memory: toBytes(memory) }),
    // The system counts in whole seconds.
    ...(cpu !== undefined && { cpu: Math.ceil(toMilliseconds(cpu) / 1_000) }),
    ...(openFiles !== undefined && { openFiles }),
  };
}

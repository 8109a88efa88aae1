import { fileURLToPath } from 'node:url';
import { cpuMicroseconds } from '../process-usage.ts';
import { startNode } from '../processes.ts';
import { LOAD_CORE, TARGET_CORE } from './crowded-host.ts';
import type { Crowded, CrowdedHostOptions } from './crowded-host.ts';

/** A byte proxy with as many servers, and the client that uses it: what so many connections cost whoever has them. */
export async function startCrowdedProxy({ url, population }: CrowdedHostOptions): Promise<Crowded> {
  const proxy = startNode([here('many-pools-proxy.ts'), url, `${population.servers}`], TARGET_CORE);
  const ready = JSON.parse(await proxy.line()) as { readonly url: string };
  const target = `${ready.url}/${population.era}/SERVER/mcp`;
  const crowd = startNode([here('crowd.ts'), target, JSON.stringify(population)], LOAD_CORE);
  return {
    program: 'byte proxy',
    population,
    order: async (order) => JSON.parse(await crowd.line(JSON.stringify(order))) as never,
    cpu: () => cpuMicroseconds(proxy.pid) ?? Number.NaN,
    async stop() {
      await crowd.stop();
      await proxy.stop();
    },
  };
}

function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

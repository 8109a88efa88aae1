import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ownProcesses } from '../process-usage.ts';
import { startNode } from '../processes.ts';
import type { RunningProcess } from '../processes.ts';
import { freePort, startGateway } from './gateway-process.ts';
import type { GatewayProcess } from './gateway-process.ts';
import type { Ready } from './peer-load.ts';
import { residentMiB } from './process-tree.ts';
import type { Launch, Stage, Upstream } from './rivals.ts';

export const TOOLS = 100;
export const RESULT_BYTES = 200;
export const IN_FLIGHT = 32;
export const GATEWAY_CORE = 0;
const LONGEST_START_S = 45;

/** What is measured before it runs: a rival, or a form of Hostler. */
export interface Entrant {
  readonly name: string;
  readonly isHostler: boolean;
  /** Everything before the gateway's own arguments. */
  program(): Promise<readonly string[]>;
  launch(stage: Stage): Launch;
}

/** And when it runs, with a client of its own. */
export interface Contender {
  readonly name: string;
  readonly isHostler: boolean;
  readonly gateway: GatewayProcess;
  readonly client: RunningProcess;
  /** From the start of the process until its tools were listed. */
  readonly readyMs: number;
  readonly readyMiB: number;
  stop(): Promise<void>;
}

export interface Ground {
  readonly upstream: Upstream;
  readonly directory: string;
  readonly loadCore: number;
}

/** Whoever does not start, or does not list the tools in time, throws its own last words. */
export async function enter(entrant: Entrant, ground: Ground): Promise<Contender> {
  const { upstream, directory, loadCore } = ground;
  const program = await entrant.program();
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  const launch = entrant.launch({ upstream, port, directory });
  const { path, transport = 'streamable', headers = {} } = launch;
  const endpoint = JSON.stringify({ url: `http://127.0.0.1:${port}${path}`, transport, headers });
  const client = startNode([fileURLToPath(new URL('peer-load.ts', import.meta.url)), endpoint], loadCore);
  const gateway = startGateway({
    arguments: [...program, ...launch.arguments],
    environment: launch.environment ?? {},
    directory,
    core: GATEWAY_CORE,
  });
  const stop = async (): Promise<void> => {
    // The client first: what it calls must not be gone before it.
    await client.stop();
    await gateway.stop();
  };
  try {
    const ready = await Promise.race([
      client.line(`ready ${TOOLS} ${LONGEST_START_S}`),
      gateway.ended.then((words) => Promise.reject(new Error(words))),
    ]);
    const readyMs = (JSON.parse(ready) as Ready).at - gateway.startedAt;
    const readyMiB = residentMiB(ownProcesses(gateway.pid));
    return { name: entrant.name, isHostler: entrant.isHostler, gateway, client, readyMs, readyMiB, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

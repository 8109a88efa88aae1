import type { Clock, UpstreamSpec } from '@hostler/kernel';
import { chaosServer } from '@hostler/test-kit';
import { createConnectors, createPool } from '@hostler/upstream';
import type { Connection, Pool, PoolEvent, PoolOptions, UpstreamLimits } from '@hostler/upstream';
import { plainClient, userOf } from './make-exchange.ts';
import { noSecrets } from './no-secrets.ts';
import { RecordingLog } from './recording-log.ts';
import { realClock, STOP_STEP } from './stdio-setup.ts';

/** A chaos server with these parameters. */
export function chaosSpec(
  name: string,
  parameters: readonly string[] = [],
  changes: Partial<UpstreamSpec> = {},
): UpstreamSpec {
  return {
    name,
    transport: { kind: 'stdio', ...chaosServer(...parameters), env: {}, cwd: process.cwd() },
    era: 'auto',
    interactive: true,
    required: false,
    startTimeout: 20_000,
    callTimeout: 20_000,
    ...changes,
  };
}

export interface StartedPool extends AsyncDisposable {
  readonly pool: Pool;
  readonly events: PoolEvent[];
  readonly log: RecordingLog;
  /** The shared connection. */
  readonly connection: (name?: string) => Promise<Connection>;
}

export interface PoolSetup {
  readonly limits?: Partial<UpstreamLimits>;
  readonly clock?: Clock;
  readonly secrets?: PoolOptions['secrets'];
}

/** A pool of real servers, started. A stop in tests need not be as patient as one in production. */
export async function startPool(specs: readonly UpstreamSpec[], setup: PoolSetup = {}): Promise<StartedPool> {
  const { limits, clock = realClock } = setup;
  const log = new RecordingLog();
  const events: PoolEvent[] = [];
  const pool = createPool({
    specs,
    log,
    clock,
    secrets: setup.secrets ?? noSecrets,
    connectors: createConnectors({ baseEnvironment: {} }),
    limits: { stopStep: STOP_STEP, ...limits },
  });
  pool.onEvent((event) => void events.push(event));
  await pool.start();
  const connection = async (name = 'a'): Promise<Connection> => pool.connection(name, userOf(plainClient));
  return { pool, events, log, connection, [Symbol.asyncDispose]: () => pool.close() };
}

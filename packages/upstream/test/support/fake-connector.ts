import type { Exchange, HostlerError, Outcome, UpstreamSpec } from '@hostler/kernel';
import { Payload } from '@hostler/kernel';
import type { Connect, ConnectContext, Connection } from '../../src/connection.ts';
import { createPool } from '../../src/create-pool.ts';
import type { PoolOptions } from '../../src/pool-options.ts';
import type { Pool, PoolEvent } from '../../src/pool.ts';
import { DrivenClock } from '@hostler/test-kit';
import { noSecrets } from './no-secrets.ts';
import { RecordingLog } from './recording-log.ts';

/** One connection that the pool asked for; the test decides what becomes of it. */
export class Attempt {
  readonly context: ConnectContext;
  readonly requests: Exchange[] = [];
  readonly told: string[] = [];
  isClosed = false;
  /** How its secrets are renewed in place; absent: they cannot be. */
  renew: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** What the end of the connection waits for. */
  closing: Promise<void> = Promise.resolve();
  era: Connection['era'] = 'legacy';
  capabilities: Connection['server']['capabilities'] = {};
  /** Messages that came from it; absent: as over HTTP, its silence says nothing. */
  heard: number | undefined;
  respond: (exchange: Exchange, timeout?: number) => Promise<Outcome> = () =>
    Promise.resolve({ kind: 'result', era: this.era, payload: Payload.of({}) });
  readonly #result = Promise.withResolvers<Connection>();

  constructor(context: ConnectContext) {
    this.context = context;
    context.signal.addEventListener('abort', () => this.#result.reject(context.signal.reason));
  }

  get result(): Promise<Connection> {
    return this.#result.promise;
  }

  succeed(): void {
    const { era, capabilities } = this;
    const heard = (): number | undefined => this.heard;
    this.#result.resolve({
      get heard() {
        return heard();
      },
      era,
      server: { era, revisions: [], info: { name: this.context.spec.name, version: '1' }, capabilities },
      request: (exchange, timeout) => {
        this.requests.push(exchange);
        return this.respond(exchange, timeout);
      },
      renewSecrets: this.renew,
      notify: ({ method }) => void this.told.push(method),
      close: () => {
        this.isClosed = true;
        return this.closing;
      },
    });
  }

  fail(error: Error): void {
    this.#result.reject(error);
  }

  crash(error: HostlerError): void {
    this.context.onClose(error);
  }
}

export interface FakePool {
  readonly pool: Pool;
  readonly clock: DrivenClock;
  readonly log: RecordingLog;
  readonly attempts: Attempt[];
  readonly events: PoolEvent[];
  /** The latest attempt. */
  readonly last: () => Attempt;
}

/** A pool over connectors that connect to nothing. `prepare` sees each attempt as it is made. */
export function makePool(
  specs: readonly UpstreamSpec[],
  prepare: (attempt: Attempt) => void = () => {},
  options: Partial<PoolOptions> = {},
): FakePool {
  const clock = new DrivenClock();
  const log = new RecordingLog();
  const attempts: Attempt[] = [];
  const events: PoolEvent[] = [];
  const connect: Connect = (context) => {
    const attempt = new Attempt(context);
    attempts.push(attempt);
    prepare(attempt);
    return attempt.result;
  };
  const pool = createPool({
    specs,
    log,
    clock,
    secrets: noSecrets,
    connectors: { stdio: connect, http: connect, websocket: connect, 'in-process': connect },
    random: () => 1,
    ...options,
  });
  pool.onEvent((event) => void events.push(event));
  return {
    pool,
    clock,
    log,
    attempts,
    events,
    last() {
      const attempt = attempts.at(-1);
      if (!attempt) throw new Error('no connection was asked for');
      return attempt;
    },
  };
}

export function makeSpec(name: string, changes: Partial<UpstreamSpec> = {}): UpstreamSpec {
  return {
    name,
    transport: { kind: 'stdio', command: 'x', args: [], env: {}, cwd: '/' },
    era: 'auto',
    interactive: false,
    required: false,
    startTimeout: 20_000,
    callTimeout: 60_000,
    ...changes,
  };
}

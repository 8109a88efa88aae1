import type { Client, Clock, Logger, UpstreamSpec } from '@hostler/kernel';
import type { Connect, ConnectContext, Connection } from './connection.ts';
import { upstreamErrors } from './errors.ts';
import { defaultUpstreamLimits } from './limits.ts';
import type { UpstreamLimits } from './limits.ts';
import { OwnConnections } from './own-connections.ts';
import type { Pool, PoolEvent } from './pool.ts';
import { Supervisor } from './supervisor.ts';

/** How to connect, for each kind of transport. */
export type Connectors = Readonly<Record<UpstreamSpec['transport']['kind'], Connect>>;

export interface PoolOptions {
  readonly specs: readonly UpstreamSpec[];
  readonly log: Logger;
  readonly clock: Clock;
  readonly secrets: ConnectContext['secrets'];
  readonly connectors: Connectors;
  /** Those left out have their default, see `defaultUpstreamLimits`. */
  readonly limits?: Partial<UpstreamLimits>;
  /** For jitter: from 0 to 1. */
  readonly random?: () => number;
}

interface Server {
  readonly spec: UpstreamSpec;
  readonly supervisor: Supervisor;
  readonly own: OwnConnections;
}

/** Servers that may start at the same time. */
const STARTS_AT_A_TIME = 8;

/** Nothing runs before `start`. */
export function createPool(options: PoolOptions): Pool {
  const { log } = options;
  const listeners = new Set<(event: PoolEvent) => void>();

  function emit(event: PoolEvent): void {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        log.error({ error }, 'a listener of pool events failed');
      }
    }
  }

  const servers = new Map(options.specs.map((spec) => [spec.name, createServer(spec, options, emit)]));

  return {
    async start() {
      const waiting = [...servers.values()];
      const startNext = async (): Promise<void> => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await next.supervisor.start();
      };
      await Promise.all(Array.from({ length: STARTS_AT_A_TIME }, startNext));
    },
    states: () => [...servers.values()].map(({ supervisor }) => supervisor.state()),
    spec: (name) => servers.get(name)?.spec,
    connection(name, client) {
      const server = servers.get(name);
      if (!server) throw upstreamErrors.UNAVAILABLE({ details: { server: name, mayHaveRun: false } });
      const shared = server.supervisor.connection();
      if (!server.spec.interactive || !isAskable(client)) return shared;
      return shared instanceof Promise ? shared.then((up) => ownOr(up, server, client)) : ownOr(shared, server, client);
    },
    async endSession(sessionId) {
      await Promise.all([...servers.values()].map(({ own }) => own.endSession(sessionId)));
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      await Promise.all([...servers.values()].flatMap(({ supervisor, own }) => [supervisor.close(), own.close()]));
    },
  };
}

function createServer(spec: UpstreamSpec, options: PoolOptions, emit: (event: PoolEvent) => void): Server {
  const { log, clock, secrets, connectors, random = Math.random } = options;
  const limits = { ...defaultUpstreamLimits, ...options.limits };
  const context = { spec, connect: connectors[spec.transport.kind], log, clock, secrets, limits, random };
  const server = spec.name;
  return {
    spec,
    supervisor: new Supervisor({
      ...context,
      onState: (state) => emit({ kind: 'state', state }),
      onNotification: (notification) => emit({ kind: 'notification', server, notification }),
    }),
    own: new OwnConnections({
      ...context,
      onNotification: (notification, sessionId) => emit({ kind: 'notification', server, notification, sessionId }),
    }),
  };
}

/** Only a legacy server asks its questions in the other direction, where it matters whom the connection serves. */
function ownOr(shared: Connection, { own }: Server, client: Client): Connection | Promise<Connection> {
  if (shared.era !== 'legacy' || !client.session) return shared;
  return own.connection(client, client.session.id);
}

/** Whether a server may ask this client questions. */
function isAskable({ session, capabilities }: Client): boolean {
  return (
    session !== undefined && ['elicitation', 'sampling', 'roots'].some((name) => capabilities[name] !== undefined)
  );
}

import type { Client, Clock, Logger, Notification, UpstreamSpec } from '@hostler/kernel';
import type { Connect, ConnectContext, Connection } from './connection.ts';
import { EraMatch } from './era-match.ts';
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
  readonly eraMatch: EraMatch;
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
      return shared instanceof Promise ? shared.then((up) => serve(up, server, client)) : serve(shared, server, client);
    },
    notify(sessionId, notification) {
      for (const { own } of servers.values()) own.notify(sessionId, notification);
    },
    async endSession(sessionId) {
      await Promise.all([...servers.values()].map(({ own }) => own.endSession(sessionId)));
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      await Promise.all(
        [...servers.values()].flatMap(({ supervisor, own, eraMatch }) => [
          supervisor.close(),
          own.close(),
          eraMatch.close(),
        ]),
      );
    },
  };
}

function createServer(spec: UpstreamSpec, options: PoolOptions, emit: (event: PoolEvent) => void): Server {
  const { log, clock, secrets, connectors, random = Math.random } = options;
  const limits = { ...defaultUpstreamLimits, ...options.limits };
  const context = { spec, connect: connectors[spec.transport.kind], log, clock, secrets, limits, random };
  const server = spec.name;
  const onNotification = (notification: Notification): void => emit({ kind: 'notification', server, notification });
  const legacy = { ...context, spec: { ...spec, era: 'legacy' } as const };
  const own = new OwnConnections({
    ...legacy,
    onNotification: (notification, sessionId) => emit({ kind: 'notification', server, notification, sessionId }),
  });
  return {
    spec,
    supervisor: new Supervisor({ ...context, onNotification, onState: (state) => emit({ kind: 'state', state }) }),
    own,
    eraMatch: new EraMatch({
      server,
      log,
      clock,
      own,
      createLegacy: () => new Supervisor({ ...legacy, log: quiet(log), onNotification, onState: () => {} }),
    }),
  };
}

/** The connection for this client, given the shared one of the era that the server was found to speak. */
function serve(shared: Connection, { spec, own, eraMatch }: Server, client: Client): Connection | Promise<Connection> {
  if (client.era === 'modern') return shared;
  const askable = spec.interactive && isAskable(client);
  if (shared.era === 'modern') return spec.era === 'auto' ? eraMatch.connection(shared, client, askable) : shared;
  return askable && client.session ? own.connection(client, client.session.id) : shared;
}

/** A second connection to the same server is no news to the operator. */
function quiet(log: Logger): Logger {
  const debug = (fields: object, message: string): void => log.debug(fields, message);
  return { debug, info: debug, warn: debug, error: (fields, message) => log.error(fields, message) };
}

/** Whether a server may ask this client questions. */
function isAskable({ session, capabilities }: Client): boolean {
  return session !== undefined && ['elicitation', 'sampling', 'roots'].some((name) => capabilities[name] !== undefined);
}

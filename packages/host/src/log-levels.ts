import { Payload } from '@hostler/kernel';
import type { Exchange, Outcome } from '@hostler/kernel';
import { isLogLevel, passesLevel, protocolErrors } from '@hostler/protocol';
import { untilAborted } from '@hostler/upstream';
import type { Connection } from '@hostler/upstream';
import { createExchange } from './exchange.ts';
import type { HostParts } from './host-parts.ts';

/**
 * A legacy server has one log level per connection, and several clients may share that connection. The server is set to
 * the lowest level that anyone asked for; what is below a client's own wish is dropped on the way to it.
 */
export interface LogLevels {
  /** Resolves when the server sends at least this level; does nothing for a server without logging. */
  ensure(connection: Connection, server: string, level: string, signal: AbortSignal): Promise<void>;
}

export function createLogLevels(): LogLevels {
  const settings = new WeakMap<Connection, Setting>();
  return {
    async ensure(connection, server, level, signal) {
      if (connection.era !== 'legacy' || connection.server.capabilities['logging'] === undefined) return;
      const present = settings.get(connection);
      if (present !== undefined && passesLevel(level, present.level)) return untilAborted(signal, present.done);
      const setting: Setting = { level, done: setLevel(connection, server, level) };
      settings.set(connection, setting);
      // When it fails, who asks next tries again.
      setting.done.catch(() => settings.get(connection) === setting && settings.delete(connection));
      return untilAborted(signal, setting.done);
    },
  };
}

interface Setting {
  readonly level: string;
  /** Whoever wants the same level waits for it, too. */
  readonly done: Promise<void>;
}

/** Not with the signal of whoever asked first: others wait for it. The connection has a deadline of its own. */
async function setLevel(connection: Connection, server: string, level: string): Promise<void> {
  await connection.request(
    createExchange({
      method: 'logging/setLevel',
      params: { level },
      scope: { kind: 'server', name: server },
      consumer: { name: 'hostler' },
      signal: new AbortController().signal,
    }),
  );
}

/** Answers `logging/setLevel` for the whole host. */
export async function setLevelEverywhere(parts: HostParts, exchange: Exchange): Promise<Outcome> {
  const level = requestedLevel(exchange);
  const seen = parts.pool.states().filter(({ name }) => parts.views.hasServer(exchange, name));
  // One that rests is not woken for this: whoever calls it sets its level.
  const up = seen.filter(({ status, phase }) => status === 'up' && phase !== 'closed');
  await Promise.allSettled(
    up.map(async ({ name }) => {
      const connection = await parts.pool.connection(name, exchange);
      await parts.logLevels.ensure(connection, name, level, exchange.signal);
    }),
  );
  return emptyOutcome;
}

/** The level that a `logging/setLevel` request names. @throws PROTOCOL_INVALID_PARAMS */
export function requestedLevel({ request }: Exchange): string {
  const { level } = request.params;
  if (!isLogLevel(level)) throw protocolErrors.INVALID_PARAMS({ details: { problem: '"level" must be a log level' } });
  return level;
}

/** The empty result of requests that only set something. */
export const emptyOutcome: Outcome = { kind: 'result', era: 'legacy', payload: Payload.of({}) };

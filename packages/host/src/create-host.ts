import type { Logger, Scope } from '@hostler/kernel';
import type { Pool, PoolEvent, UpstreamState } from '@hostler/upstream';
import { createCatalogs } from './catalogs.ts';
import { describeAcross, describeAll } from './describe-all.ts';
import { dispatch } from './dispatch.ts';
import { routeErrors } from './errors.ts';
import { defaultListLimits } from './fetch-lists.ts';
import type { ListLimits } from './fetch-lists.ts';
import type { Host, HostEvent } from './host.ts';
import { createLogLevels } from './log-levels.ts';

export interface HostOptions {
  /** Not owned: whoever made the pool starts and closes it. */
  readonly pool: Pool;
  readonly log: Logger;
  readonly limits?: ListLimits;
}

export function createHost({ pool, log, limits = defaultListLimits }: HostOptions): Host {
  const catalogs = createCatalogs({ pool, log, limits });
  const parts = { pool, catalogs, logLevels: createLogLevels() };
  const listeners = new Set<(event: HostEvent) => void>();

  const emit = (event: HostEvent): void => tellAll(listeners, event, log);

  function onPoolEvent(event: PoolEvent): void {
    if (event.kind === 'state') {
      catalogs.forget(event.state.name);
      for (const method of changedLists(event.state)) emit({ server: event.state.name, notification: { method } });
      return;
    }
    const { method } = event.notification;
    if (method.endsWith('/list_changed')) catalogs.forget(event.server, event.sessionId);
    // Log messages of a shared connection belong to nobody in particular; showing them to everybody would leak.
    else if (method !== 'notifications/resources/updated') return;
    emit(event);
  }

  const unsubscribe = pool.onEvent(onPoolEvent);
  const has = (scope: Scope): boolean => scope.kind === 'all' || pool.spec(scope.name) !== undefined;

  return {
    // Not async: an async wrapper would cost a promise and a turn on every call.
    dispatch(exchange) {
      try {
        return dispatch(parts, exchange);
      } catch (error) {
        return Promise.reject(error as Error);
      }
    },
    async describe(scope, _consumer, client) {
      if (scope.kind === 'all') return describeAll(pool.states(), client.era);
      if (!has(scope)) throw routeErrors.NOT_FOUND({ details: { kind: 'server', name: scope.name } });
      const connection = await pool.connection(scope.name, client);
      return describeAcross(connection.server, client.era);
    },
    has,
    notify: (sessionId, notification) => pool.notify(sessionId, notification),
    async endSession(sessionId) {
      catalogs.endSession(sessionId);
      await pool.endSession(sessionId);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    servers: () => pool.states(),
    async conflicts(client) {
      return (await catalogs.for(client)).conflicts;
    },
    close() {
      unsubscribe();
      listeners.clear();
      return Promise.resolve();
    },
  };
}

function tellAll(listeners: Iterable<(event: HostEvent) => void>, event: HostEvent, log: Logger): void {
  for (const listener of listeners) {
    try {
      listener(event);
    } catch (error) {
      log.error({ error }, 'a listener of host events failed');
    }
  }
}

/** A server that came or went changed what the whole host lists. */
function changedLists({ status }: UpstreamState): string[] {
  if (status === 'starting') return [];
  return [
    'notifications/tools/list_changed',
    'notifications/prompts/list_changed',
    'notifications/resources/list_changed',
  ];
}

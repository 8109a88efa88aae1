import type { Clock, Consumer, GroupSpec, Logger, Scope, View } from '@hostler/kernel';
import { createSelection } from '@hostler/router';
import type { Pool, PoolEvent } from '@hostler/upstream';
import type { CallLimit } from './call-limit.ts';
import type { CatalogStore } from './catalog-store.ts';
import { createCatalogs } from './catalogs.ts';
import { describeAllTo } from './describe-all.ts';
import { dispatch } from './dispatch.ts';
import { routeErrors } from './errors.ts';
import { defaultListLimits } from './fetch-lists.ts';
import type { ListLimits } from './fetch-lists.ts';
import type { Host, HostEvent } from './host.ts';
import { withGroups } from './groups/with-groups.ts';
import { createLogLevels } from './log-levels.ts';
import { seenEvent, ServerEvents } from './server-events.ts';
import { Subscriptions } from './subscriptions/subscriptions.ts';
import { createTaskNames } from './tasks/task-names.ts';
import { withTaskNames } from './tasks/task-pool.ts';
import { tellTaskState } from './tasks/tell-task-state.ts';
import { createViews } from './views.ts';

export interface HostOptions {
  /** Not owned: whoever made the pool starts and closes it. */
  readonly pool: Pool;
  readonly log: Logger;
  readonly clock: Clock;
  readonly limits?: ListLimits;
  /** Servers that stand in for each other. */
  readonly groups?: readonly GroupSpec[];
  /** From 0 to 1, 1 excluded: for the choice of a group's member; default `Math.random`. */
  readonly random?: () => number;
  /** Where lists are kept from one run to the next; absent: nowhere. */
  readonly store?: CatalogStore;
  /** 32 bytes that bind the ids of tasks to their consumers; random by default: then they are good for this process. */
  readonly taskKey?: Uint8Array;
  /**
   * What a consumer may see and call: asked for every exchange, so that it has to be cheap. Absent: everything. It does
   * not throw: a consumer that is none any more sees nothing.
   */
  readonly viewOf?: (consumer: Consumer) => View;
  /** How much a consumer may ask for: asked for every exchange, as `viewOf`. Absent, or undefined for one: no limit. */
  readonly limitOf?: (consumer: Consumer) => CallLimit | undefined;
}

export function createHost(options: HostOptions): Host {
  const parts = createParts(options);
  const { pool, catalogs, subscriptions, serverEvents, views, listeners, disconnect } = parts;
  const has = (scope: Scope, consumer: Consumer): boolean =>
    scope.kind === 'all' || views.hasServer(consumer, scope.name);

  return {
    // Not async: an async wrapper would cost a promise and a turn on every call.
    dispatch(exchange) {
      try {
        return dispatch(parts, exchange);
      } catch (error) {
        return Promise.reject(error as Error);
      }
    },
    async describe(scope, consumer, client) {
      if (scope.kind === 'all') return describeAllTo(parts, consumer, client.era);
      if (!has(scope, consumer)) throw routeErrors.NOT_FOUND({ details: { kind: 'server', name: scope.name } });
      const connection = await pool.connection(scope.name, { consumer, client });
      return connection.server;
    },
    has,
    notify: (sessionId, notification) => pool.notify(sessionId, notification),
    async restSession(sessionId) {
      subscriptions.restSession(sessionId);
      catalogs.endSession(sessionId);
      await pool.endSession(sessionId);
    },
    wakeSession: (sessionId) => subscriptions.wakeSession(sessionId),
    async endSession(sessionId) {
      subscriptions.endSession(sessionId);
      catalogs.endSession(sessionId);
      await pool.endSession(sessionId);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    servers: () => options.pool.states(),
    regroup: (specs) => pool.regroup(specs),
    viewsChanged() {
      subscriptions.viewsChanged();
      serverEvents.onViews();
    },
    conflicts(client) {
      const consumer = { name: 'hostler' };
      return catalogs.conflicts({ consumer, client });
    },
    close() {
      disconnect();
      return Promise.resolve();
    },
  };
}

/** What stands between the pool and the clients, each told of what concerns it. */
function createParts(options: HostOptions) {
  const { log, clock, limits = defaultListLimits, groups = [], random = Math.random, store, limitOf } = options;
  const tasks = createTaskNames(options.taskKey);
  const logLevels = createLogLevels();
  const selection = createSelection({ random });
  const named = withTaskNames(options.pool, tasks, (consumer, server) => views.mayHear(consumer, server));
  const pool = withGroups(named, { groups, selection, logLevels, clock, log, limits, store });
  const views = createViews(pool, options.viewOf);
  const listeners = new Set<(event: HostEvent) => void>();
  const emit = (event: HostEvent): void => tellAll(listeners, seenEvent(views, event), log);
  const catalogs = createCatalogs({
    pool,
    log,
    clock,
    limits,
    store,
    onChange: (change) => serverEvents.onCatalogued(change),
  });
  const subscriptions = new Subscriptions({ pool, catalogs, names: tasks, views, log, clock });
  const serverEvents = new ServerEvents({ pool, catalogs, subscriptions, views, emit });

  function onPoolEvent(event: PoolEvent): void {
    if (event.kind === 'state') {
      if (!pool.spec(event.state.name)) tasks.forgetServer(event.state.name);
    } else if (event.notification.method === 'notifications/tasks/status') return tellTaskState(tasks, event, emit);
    return serverEvents.receive(event);
  }

  const unsubscribe = pool.onEvent(onPoolEvent);
  function disconnect(): void {
    unsubscribe();
    pool.detach();
    subscriptions.close();
    listeners.clear();
  }
  return { pool, catalogs, views, logLevels, subscriptions, serverEvents, tasks, log, limitOf, listeners, disconnect };
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

import type { Clock, Consumer, GroupSpec, Logger, Scope, View } from '@hostler/kernel';
import { createSelection } from '@hostler/router';
import type { ConnectionUser, Pool, PoolEvent, ServerTokens } from '@hostler/upstream';
import type { BundleOf } from './bundle.ts';
import type { CallAudit } from './call-audit.ts';
import type { CallLimit } from './call-limit.ts';
import { CallRecording } from './call-recording.ts';
import type { CallCounter } from './limits/call-counter.ts';
import { ServerLimits } from './limits/server-limits.ts';
import type { CatalogStore } from './catalog-store.ts';
import { createCatalogs } from './catalogs.ts';
import { Consents } from './consent/consents.ts';
import { describeAllTo } from './describe-all.ts';
import { describeServerTo } from './describe-server.ts';
import type { DefinitionTrust } from './drift/definition-trust.ts';
import { DriftWatch } from './drift/drift-watch.ts';
import { dispatch } from './dispatch.ts';
import { noSuchScope } from './errors.ts';
import { defaultListLimits } from './fetch-lists.ts';
import type { ListLimits } from './fetch-lists.ts';
import type { Host, HostEvent } from './host.ts';
import { withGroups } from './groups/with-groups.ts';
import type { CatalogChange } from './list-news.ts';
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
  /** The bundles, asked as often as `viewOf`; absent: there are none. */
  readonly bundleOf?: BundleOf;
  /** Tells when users have agreed to what servers want of them; absent: no server wants that. */
  readonly tokens?: Pick<ServerTokens, 'consented'> | undefined;
  /** How much a consumer may ask for: asked for every exchange, as `viewOf`. Absent, or undefined for one: no limit. */
  readonly limitOf?: (consumer: Consumer) => CallLimit | undefined;
  /** How far definitions of servers are believed; absent: hidden characters are taken out, and nothing is compared. */
  readonly trust?: DefinitionTrust;
  /** How many resources a session of a consumer may subscribe to. Absent, or undefined for one: 1000. */
  readonly subscriptionsOf?: (consumer: Consumer) => number | undefined;
  /** What several hosts count the calls of servers in together; absent: each for itself. */
  readonly counter?: CallCounter;
  /** Absent: nothing is written down. */
  readonly audit?: CallAudit;
  /** Told in what a server is not as it was approved, when that is another than before; nothing: it is so again. */
  readonly onDrift?: (server: string, drift: readonly string[]) => void;
}

export function createHost(options: HostOptions): Host {
  const parts = createParts(options);
  const { pool, catalogs, subscriptions, views, listeners, disconnect } = parts;
  const has = (scope: Scope, consumer: Consumer): boolean => views.hasScope({ scope, consumer });

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
      if (!has(scope, consumer)) throw noSuchScope(scope);
      if (scope.kind === 'all') return describeAllTo(parts, { scope, consumer }, client.era);
      return describeServerTo(parts, scope.name, { scope, consumer, client });
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
    viewsChanged: () => parts.viewsChanged(),
    trust(trust) {
      const isChanged = parts.drift.trust(trust);
      pool.reassess();
      catalogs.reassess();
      if (isChanged) parts.viewsChanged();
    },
    drift: () => parts.drift.drifts(),
    async observed(client) {
      const user = { consumer: { name: 'hostler' }, client };
      await catalogs.conflicts(user);
      await catalogs.settled(user);
      return parts.drift.observed(client.era);
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
  const { log, clock, store, limits = defaultListLimits, groups = [], random = Math.random } = options;
  const { limitOf, subscriptionsOf } = options;
  const serverLimits = new ServerLimits(options.pool, { clock, counter: options.counter });
  const tasks = createTaskNames(options.taskKey);
  const logLevels = createLogLevels();
  const selection = createSelection({ random });
  const drift: DriftWatch = new DriftWatch({
    trust: options.trust,
    pool: options.pool,
    log,
    record: options.onDrift,
    groupOf: (server) => pool.groupOf(server),
    onHidden: () => viewsChanged(),
    onGroup: () => catalogs.reassess(),
  });
  const named = withTaskNames(options.pool, tasks, (viewer, server) => views.mayHear(viewer, server));
  const pool = withGroups(named, { groups, selection, logLevels, serverLimits, clock, log, limits, store, drift });
  const views = createViews(pool, { ...options, ...(options.viewOf && { guard: (view) => drift.guard(view) }) });
  const listeners = new Set<(event: HostEvent) => void>();
  const emit = (event: HostEvent): void => tellAll(listeners, seenEvent(views, event), log);
  const onChange = (change: CatalogChange): void => serverEvents.onCatalogued(change);
  const catalogs = createCatalogs({ pool, log, clock, limits, store, drift, onChange });
  const subscriptions = new Subscriptions({ pool, catalogs, names: tasks, views, log, clock, subscriptionsOf });
  const serverEvents = new ServerEvents({ pool, catalogs, subscriptions, views, emit });

  function viewsChanged(): void {
    subscriptions.viewsChanged();
    serverEvents.onViews();
  }

  function forgetServer(server: string): void {
    tasks.forgetServer(server);
    serverLimits.forget(server);
  }

  function onPoolEvent(event: PoolEvent): void {
    if (event.kind === 'state') {
      drift.onState(event.state.name);
      if (!pool.spec(event.state.name)) forgetServer(event.state.name);
    } else if (event.notification.method === 'notifications/tasks/status') return tellTaskState(tasks, event, emit);
    return serverEvents.receive(event);
  }

  const unsubscribe = pool.onEvent(onPoolEvent);
  const onConsented = (user: ConnectionUser, server: string): void => void catalogs.signedIn(user, server);
  const consents = options.tokens && new Consents({ pool, tokens: options.tokens, clock, log, onConsented });
  function disconnect(): void {
    consents?.close();
    unsubscribe();
    pool.detach();
    subscriptions.close();
    listeners.clear();
  }
  const recording = options.audit && new CallRecording(options.audit);
  const ofLists = { pool, catalogs, views, drift, subscriptions, tasks };
  const ofCalls = { log, logLevels, serverLimits, limitOf, consents, recording };
  return { ...ofLists, ...ofCalls, listeners, viewsChanged, disconnect };
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

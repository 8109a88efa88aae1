import { isDeepStrictEqual } from 'node:util';
import { loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import { createConfiguration } from './configuration.ts';
import type { ConfigurationOptions } from './configuration.ts';
import { createConsumers } from './create-consumers.ts';
import { createLock } from './create-lock.ts';
import type { Parts } from './create-parts.ts';
import { createSecrets } from './create-secrets.ts';
import { createServers } from './create-servers.ts';
import { createListenTls, tlsFiles } from './listen-tls.ts';
import { createRotation } from './rotation.ts';
import { createRunningServers } from './running-servers.ts';
import type { RunningServers } from './running-servers.ts';
import type { RuntimeOptions } from './runtime.ts';
import { saveServers } from './save-servers.ts';
import { createSecretRefresh } from './secret-refresh.ts';
import { createServerTests } from './test-server.ts';
import { watchAll } from './watch-all.ts';
import { createFileWatch } from './watch-file.ts';

/** What changes that while it runs. */
export function createChanges(parts: Parts, options: RuntimeOptions, closing: AbortSignal) {
  const { log, logs, clock, pool, host, forPool, guard, resolvers, limits, tokens } = parts;
  const { plan, environment, servers: mounted = [] } = options;
  const { load = async () => (await loadConfig(plan.source, { environment })).plan } = options;
  const running = createRunningServers({ pool, plan, mounted, closing });
  const consumers = createConsumers({ plan, secrets: resolvers.all, clock, log: logs.of('auth'), closing });
  const { secrets, refresh } = createSecretChanges(parts, running, closing);
  const tls = createListenTls({ plan, secrets: resolvers.all, log, closing });
  const showViews = createViewChanges(parts, plan);
  const lock = createLock({ plan, host, first: parts.locked, clock, log, closing, audit: parts.audit });
  let { groups, log: levels } = plan;
  function prepare(current: HostPlan): () => void {
    const letIn = consumers.prepare(current);
    return () => {
      parts.inForce.generation += 1;
      // What was set while it runs stays until the file says something new.
      if (!isDeepStrictEqual(levels, current.log)) logs.change((levels = current.log));
      guard.setPolicy(current.secrets.guard);
      refresh.change(current.secrets.refresh);
      letIn();
      showViews(current);
      limits.change(current.consumers);
      lock.change(current);
      tokens.change(current);
      tls.changed();
      if (!isDeepStrictEqual(groups, current.groups)) host.regroup((groups = current.groups));
      if (current.reload.watch && !closing.aborted) watch.start();
      else watch.stop();
    };
  }
  const configuration = createConfiguration({
    plan,
    servers: running,
    log,
    load,
    prepare,
    onReport: noteReload(parts),
  });
  const servers = createServers({
    pool,
    running,
    log,
    closing,
    test: createServerTests(forPool),
    save: () => saveServers(running),
  });
  // What went wrong is in the log and in the readiness.
  const onChange = (): void => void configuration.reload().catch(() => undefined);
  // A worker gets each plan from the process that has checked it.
  const sources = options.worker === undefined ? [plan.source] : [];
  const watch = watchAll([
    ...sources.map((path) => createFileWatch({ path, clock, onChange })),
    ...tlsFiles(plan).map((path) => createFileWatch({ path, clock, onChange: () => tls.changed() })),
  ]);
  return { running, consumers, servers, configuration, watch, secrets, refresh, tls, lock };
}

/** Who has changed the file is not known here; what is in force since is. */
function noteReload({ audit }: Parts): NonNullable<ConfigurationOptions['onReport']> {
  return (report) => {
    if (report === undefined) return audit?.note('reload-refused');
    const { generation, added, changed, removed, applied, restart } = report;
    return audit?.note('reload', { generation, added, changed, removed, applied, restart });
  };
}

/** Clients hear of it when they see other things from now on. */
function createViewChanges({ views, host }: Parts, first: HostPlan): (plan: HostPlan) => void {
  let before = [first.consumers, first.bundles, first.lock];
  return (plan) => {
    const now = [plan.consumers, plan.bundles, plan.lock];
    if (isDeepStrictEqual(before, now)) return;
    before = now;
    views.change(plan);
    host.viewsChanged();
  };
}

/** What looks after secrets while it runs. */
function createSecretChanges(parts: Parts, running: RunningServers, closing: AbortSignal) {
  const { pool, resolvers, guard, clock, log } = parts;
  const { all: resolver, early } = resolvers;
  const rotation = createRotation({ pool, resolver, clock, log, closing });
  const secrets = createSecrets({
    plan: running.plan(),
    consumers: () => running.plan().consumers ?? [],
    issuers: () => running.plan().auth.issuers,
    pool,
    resolver,
    early,
    guard,
    rotation,
  });
  const refresh = createSecretRefresh({ resolver, references: () => secrets.references(), clock, log });
  return { secrets, refresh };
}

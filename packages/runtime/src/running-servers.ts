import { diffPlans, planServer } from '@hostler/config';
import type { HostPlan, PlanDiff, ServerPlan } from '@hostler/config';
import type { UpstreamSpec } from '@hostler/kernel';
import type { Pool } from '@hostler/upstream';
import { serverErrors } from './errors.ts';
import { reconcile, untilStarted } from './reconcile.ts';
import type { Reconciled, ServerFailure } from './reconcile.ts';
import { createSerial } from './serial.ts';
import { keptChanges, listServers, wantedSpecs } from './server-changes.ts';
import type { ListedServer, ServerChanges, ServerSources } from './server-changes.ts';

export interface RunningServersOptions {
  readonly pool: Pool;
  readonly plan: HostPlan;
  readonly mounted: readonly UpstreamSpec[];
  /** Fires when the host stops. */
  readonly closing: AbortSignal;
}

export interface Followed {
  readonly diff: PlanDiff;
  readonly failed: readonly ServerFailure[];
  /** Resolves when the added ones are up or not, with those that are not. Never rejects. */
  readonly started: Promise<readonly ServerFailure[]>;
}

/** Told what runs from now on, and which server was started again by request. */
export interface RunningListener {
  /** With the servers as they are, changes beside the file included. */
  readonly onPlan: (plan: HostPlan) => void;
  readonly onRestart: (server: string) => void;
}

/** What should run, and the one way to change it: file, REST and code come through here, one after the other. */
export interface RunningServers {
  plan(): HostPlan;
  changes(): ServerChanges;
  list(): readonly ListedServer[];
  /** Makes the servers those of another plan. `onPlan` is called when it is the plan in force. */
  follow(plan: HostPlan, onPlan: () => void): Promise<Followed>;
  /**
   * Changes one server beside the file. `change` is given what there is when its turn comes, and may throw. When the
   * server does not come up in its new form and the old one is kept, nothing has changed.
   */
  change(name: string, change: (sources: ServerSources) => ServerChanges): Promise<Reconciled>;
  /** Makes the servers as they are those of the file, which `write` has brought up to date, and no changes beside it. */
  adopt(write: (sources: ServerSources) => Promise<HostPlan>): Promise<void>;
  /** Starts the server in the place of itself. */
  restart(name: string): Promise<Reconciled>;
  readonly onChange: (listener: RunningListener) => () => void;
}

export function createRunningServers({ pool, plan, mounted, closing }: RunningServersOptions): RunningServers {
  const inTurn = createSerial();
  let present: ServerSources = { plan, changes: new Map(), mounted };

  const { listeners, onChange } = createListeners();
  const tell = (): void => listeners.forEach(({ onPlan }) => onPlan(inForce(present)));
  function requireOpen(): void {
    if (closing.aborted) throw serverErrors.CLOSING();
  }

  /** Only the server of this name, when there is one. */
  async function moveTo(next: ServerSources, only?: string): Promise<Reconciled & { readonly diff: PlanDiff }> {
    const wanted = wantedSpecs(next);
    const whole = diffPlans({ ...present.plan, servers: runningSpecs(pool) }, { ...next.plan, servers: wanted });
    const diff = only === undefined ? whole : narrow(whole, only);
    present = next;
    const order = wanted.map(({ name }) => name);
    return { diff, ...(await reconcile({ pool, diff, order, grace: next.plan.shutdownGrace })) };
  }

  return {
    plan: () => present.plan,
    changes: () => present.changes,
    list: () => listServers(present),
    follow: async (next, onPlan) => {
      const { diff, failed } = await inTurn(() => {
        requireOpen();
        const changes = keptChanges(present.changes, present.plan, next);
        const moving = moveTo({ plan: next, changes, mounted });
        onPlan();
        tell();
        return moving;
      });
      const names = diff.added.map(({ name }) => name);
      return { diff, failed, started: untilStarted(pool, names, closing).then(() => failuresOf(pool, names)) };
    },
    change: (name, change) =>
      inTurn(async () => {
        requireOpen();
        const before = present;
        const moved = await moveTo({ ...before, changes: change(before) }, name);
        if (moved.failed.some(({ kept }) => kept)) present = before;
        tell();
        return moved;
      }),
    adopt: (write) =>
      inTurn(async () => {
        const { written, servers } = await write(present);
        present = { ...present, plan: { ...present.plan, written, servers }, changes: new Map() };
      }),
    restart: (name) =>
      inTurn(() => {
        requireOpen();
        const { plan: current } = present;
        const { spec } = findRunning(present, name);
        const diff = { added: [], removed: [], changed: [{ from: spec, to: { ...spec } }] };
        const order = wantedSpecs(present).map((one) => one.name);
        listeners.forEach(({ onRestart }) => onRestart(name));
        return reconcile({ pool, diff, order, grace: current.shutdownGrace });
      }),
    onChange,
  };
}

function createListeners(): {
  readonly listeners: ReadonlySet<RunningListener>;
  readonly onChange: (listener: RunningListener) => () => void;
} {
  const listeners = new Set<RunningListener>();
  return {
    listeners,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** With the changes beside the file, and without what only this process has. */
function inForce(present: ServerSources): HostPlan {
  return { ...present.plan, servers: wantedSpecs({ ...present, mounted: [] }) };
}

function narrow(diff: PlanDiff, name: string): PlanDiff {
  return {
    ...diff,
    added: diff.added.filter((spec) => spec.name === name),
    changed: diff.changed.filter(({ to }) => to.name === name),
    removed: diff.removed.filter((one) => one === name),
  };
}

/** @throws SERVER_NOT_FOUND */
export function findServer(servers: readonly ListedServer[], name: string): ListedServer {
  const found = servers.find((server) => server.name === name);
  if (found === undefined) throw serverErrors.NOT_FOUND({ details: { server: name.slice(0, 64) } });
  return found;
}

/** @throws SERVER_NOT_FOUND, SERVER_DISABLED */
function findRunning(sources: ServerSources, name: string): { readonly spec: UpstreamSpec } {
  const { spec, isDisabled } = findServer(listServers(sources), name);
  if (isDisabled || spec === undefined) throw serverErrors.DISABLED({ details: { server: name } });
  return { spec };
}

/** @throws SERVER_INVALID with every problem */
export function planOrThrow(name: string, settings: unknown, folder: string): ServerPlan {
  const planned = planServer(name, settings, folder);
  if (!('problems' in planned)) return planned;
  const problems = planned.problems.map((problem) => ({ ...problem }));
  throw serverErrors.INVALID({ details: { count: problems.length, problems } });
}

function runningSpecs(pool: Pool): UpstreamSpec[] {
  return pool.states().flatMap(({ name }) => pool.spec(name) ?? []);
}

function failuresOf(pool: Pool, names: readonly string[]): ServerFailure[] {
  return pool
    .states()
    .filter(({ name, status }) => names.includes(name) && status !== 'up')
    .map(({ name, problem = 'It is not up.', problemCode = 'UPSTREAM_UNAVAILABLE' }) => ({
      name,
      code: problemCode,
      problem,
      kept: false,
    }));
}

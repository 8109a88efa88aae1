import { isDeepStrictEqual } from 'node:util';
import { planServer } from '@hostler/config';
import type { HostPlan, ServerPlan } from '@hostler/config';
import type { JsonObject, UpstreamSpec } from '@hostler/kernel';
import type { ServerDrift, ServerOrigin } from './servers.ts';

/** What was done to servers since the file was read, by name. */
export type ServerChanges = ReadonlyMap<string, ServerPlan | 'removed'>;

/** What the servers of a host follow from. */
export interface ServerSources {
  readonly plan: HostPlan;
  readonly changes: ServerChanges;
  /** Mounted by the program that embeds the host. */
  readonly mounted: readonly UpstreamSpec[];
}

export interface ListedServer {
  readonly name: string;
  readonly origin: ServerOrigin;
  readonly isDisabled: boolean;
  /** Absent for one that is disabled and could not run as it is written. */
  readonly spec?: UpstreamSpec;
  /** Absent for one that was mounted. */
  readonly written?: JsonObject;
}

/** Every server there is, running or disabled: those of the file in its order, then the later ones. */
export function listServers({ plan, changes, mounted }: ServerSources): readonly ListedServer[] {
  const running = new Map(plan.servers.map((spec) => [spec.name, spec]));
  const fromFile = Object.entries(plan.written).flatMap(([name, written]): ListedServer[] => {
    const change = changes.get(name);
    if (change === 'removed') return [];
    if (change !== undefined) return [{ name, origin: 'file', ...change }];
    const spec = running.get(name);
    if (spec !== undefined) return [{ name, origin: 'file', isDisabled: false, spec, written }];
    const planned = planServer(name, written, plan.folder);
    return [{ name, origin: 'file', isDisabled: true, written, ...('spec' in planned && { spec: planned.spec }) }];
  });
  const added = [...changes].flatMap(([name, change]): ListedServer[] =>
    change === 'removed' || Object.hasOwn(plan.written, name) ? [] : [{ name, origin: 'runtime', ...change }],
  );
  const fromCode = mounted.map((spec): ListedServer => ({
    name: spec.name,
    origin: 'code',
    isDisabled: false,
    spec,
  }));
  return [...fromFile, ...added, ...fromCode];
}

/** What runs. */
export function wantedSpecs(sources: ServerSources): readonly UpstreamSpec[] {
  return listServers(sources).flatMap(({ isDisabled, spec }) => (isDisabled || spec === undefined ? [] : [spec]));
}

/** How the servers differ from what the file says. */
export function driftOf(plan: HostPlan, changes: ServerChanges): ServerDrift {
  const drift = { added: [], changed: [], removed: [], disabled: [], enabled: [] } as Record<
    keyof ServerDrift,
    string[]
  >;
  for (const [name, change] of changes) {
    const written = plan.written[name];
    if (written === undefined) {
      if (change !== 'removed') drift.added.push(name);
    } else if (change === 'removed') drift.removed.push(name);
    else {
      if (!isDeepStrictEqual(withoutSwitch(change.written), withoutSwitch(written))) drift.changed.push(name);
      const wasDisabled = written['disabled'] === true;
      if (change.isDisabled !== wasDisabled) drift[change.isDisabled ? 'disabled' : 'enabled'].push(name);
    }
  }
  return drift;
}

/**
 * The changes that stay when the file was read again: those of servers about which it says the same as before. Where it
 * says something new, that is the newest wish.
 */
export function keptChanges(changes: ServerChanges, from: HostPlan, to: HostPlan): ServerChanges {
  const groups = new Set(to.groups.map(({ name }) => name));
  const kept = [...changes].filter(
    ([name]) => !groups.has(name) && isDeepStrictEqual(from.written[name], to.written[name]),
  );
  return new Map(kept);
}

/** With one change more, or one less when it is as the file has it. */
export function withChange(
  { plan, changes }: ServerSources,
  name: string,
  change: ServerPlan | 'removed',
): ServerChanges {
  const next = new Map(changes);
  const written = plan.written[name];
  const isAsWritten = change === 'removed' ? written === undefined : isSame(change.written, written);
  if (isAsWritten) next.delete(name);
  else next.set(name, change);
  return next;
}

function isSame(one: JsonObject, other: JsonObject | undefined): boolean {
  if (other === undefined) return false;
  return (
    isDeepStrictEqual(withoutSwitch(one), withoutSwitch(other)) &&
    (one['disabled'] === true) === (other['disabled'] === true)
  );
}

/** The settings without whether they are in use. */
export function withoutSwitch(settings: JsonObject): JsonObject {
  const { disabled: _disabled, ...rest } = settings;
  return rest;
}

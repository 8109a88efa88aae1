import { isDeepStrictEqual } from 'node:util';
import type { UpstreamSpec } from '@hostler/kernel';
import type { HostPlan } from './host-plan.ts';

export interface ServerChange {
  readonly from: UpstreamSpec;
  readonly to: UpstreamSpec;
}

export interface SettingChange {
  /** As it is written in the file, such as `listen.port`. */
  readonly key: string;
  /** Whether a running host takes it over, or only one that is started again. */
  readonly applies: 'now' | 'restart';
}

/** What must happen to a host of one plan so that it is one of another. */
export interface PlanDiff {
  /** In the order of the new plan. */
  readonly added: readonly UpstreamSpec[];
  readonly changed: readonly ServerChange[];
  readonly unchanged: readonly string[];
  /** In the order of the old plan. */
  readonly removed: readonly string[];
  /** Everything that differs besides the servers. */
  readonly settings: readonly SettingChange[];
}

/** What a setting is called in the file, where the plan calls it otherwise. */
const FILE_KEYS: Readonly<Record<string, string>> = {
  providers: 'secrets.providers',
  shutdownGrace: 'shutdown.grace',
  'secrets.readTimeout': 'secrets.timeout',
};

/** Settings that are looked at whenever they are needed. Any other one was built into the host when it started. */
const LIVE: ReadonlySet<string> = new Set([
  'listen.allowedHosts',
  'listen.allowedOrigins',
  'listen.trustedProxies',
  'auth.certificateHeader',
  'groups',
  'consumers',
  'bundles',
  'auth.issuers',
  'auth.resource',
  'outbound.allow',
  'lock.file',
  'lock.drift',
  'lock.suspicious',
  'limits.addresses',
  'log.level',
  'shutdown.grace',
  'api.servers',
  'api.secrets',
  'secrets.refresh',
  'secrets.guard',
  'reload.watch',
]);

/** Where a plan came from and how it was written: for people, and no difference to what runs. */
const ABOUT: ReadonlySet<string> = new Set(['servers', 'written', 'source', 'folder']);

/** Compares what two plans say. */
export function diffPlans(from: HostPlan, to: HostPlan): PlanDiff {
  const before = new Map(from.servers.map((spec) => [spec.name, spec]));
  const after = new Set(to.servers.map(({ name }) => name));
  const added: UpstreamSpec[] = [];
  const changed: ServerChange[] = [];
  const unchanged: string[] = [];
  for (const spec of to.servers) {
    const known = before.get(spec.name);
    if (known === undefined) added.push(spec);
    else if (isDeepStrictEqual(known, spec)) unchanged.push(spec.name);
    else changed.push({ from: known, to: spec });
  }
  const removed = from.servers.flatMap(({ name }) => (after.has(name) ? [] : [name]));
  return { added, changed, unchanged, removed, settings: diffSettings(from, to) };
}

function diffSettings(from: HostPlan, to: HostPlan): SettingChange[] {
  const before = settingsOf(from);
  const after = settingsOf(to);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => !isDeepStrictEqual(before.get(key), after.get(key)))
    .map((key) => ({ key, applies: LIVE.has(key) ? 'now' : 'restart' }));
}

/** Every setting by the key that a person writes; maps of settings one level deep. */
function settingsOf(plan: HostPlan): Map<string, unknown> {
  const settings = new Map<string, unknown>();
  for (const [key, value] of Object.entries(plan) as [string, unknown][]) {
    if (ABOUT.has(key)) continue;
    const name = FILE_KEYS[key] ?? key;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) settings.set(name, value);
    else
      for (const [inner, setting] of Object.entries(value)) {
        const path = `${name}.${inner}`;
        settings.set(FILE_KEYS[path] ?? path, setting);
      }
  }
  return settings;
}

import type { HostPlan } from '@hostler/config';
import type { ConsumerSpec, UpstreamSpec } from '@hostler/kernel';
import type { LeakGuard, SecretResolver, SecretStatus } from '@hostler/secrets';
import { untilAborted } from '@hostler/upstream';
import type { Pool } from '@hostler/upstream';
import { keyReferences } from './create-consumers.ts';
import { rotationErrors } from './errors.ts';
import { inParallel } from './in-parallel.ts';
import type { Rotation } from './rotation.ts';
import { referencesOf, usesInOptions, usesOf } from './secret-uses.ts';
import type { SecretRow, Secrets, SecretsReadiness } from './secrets.ts';

export interface SecretsOptions {
  /** The one that the host was built with: its providers and its encrypted file are of that one. */
  readonly plan: HostPlan;
  /** Those of the plan in force. */
  readonly consumers: () => readonly ConsumerSpec[];
  readonly pool: Pick<Pool, 'states' | 'spec'>;
  readonly resolver: SecretResolver;
  /** Of what the host itself needs before its providers are there. */
  readonly early: SecretResolver;
  readonly guard: Pick<LeakGuard, 'counts'>;
  readonly rotation: Rotation;
}

export interface SecretsOfHost extends Secrets {
  readiness(): SecretsReadiness;
  /** What the running servers use, and the keys of consumers. */
  references(): ReadonlySet<string>;
}

export function createSecrets(options: SecretsOptions): SecretsOfHost {
  const { plan, consumers, pool, resolver, early, guard, rotation } = options;
  const runningSpecs = () => pool.states().flatMap(({ name }) => pool.spec(name) ?? []);
  const references = (): ReadonlySet<string> =>
    new Set([...runningSpecs().flatMap(referencesOf), ...keyReferences(consumers())]);

  const places = (): Places => placesOf(runningSpecs(), consumers(), plan);

  function list(): readonly SecretRow[] {
    const { used, own } = places();
    const known = new Map([...early.status(), ...resolver.status()].map((status) => [status.reference, status]));
    const all = new Set([...used.keys(), ...own.keys()]);
    return [...all].map((reference) => {
      const usedBy = [...(used.get(reference) ?? []), ...(own.get(reference) ?? [])];
      const reader = used.has(reference) ? resolver : early;
      return toRow(reference, usedBy, known.get(reference) ?? reader.problemOf(reference));
    });
  }

  return {
    references,
    list,
    async check(signal) {
      const { used, own } = places();
      const read = async (reader: SecretResolver, all: Iterable<string>): Promise<void> =>
        // What is wrong is in the rows.
        inParallel([...all], (reference) => reader.resolve(reference, signal).catch(() => undefined));
      await untilAborted(signal, Promise.all([read(resolver, used.keys()), read(early, own.keys())]));
      return list();
    },
    async rotate({ references: asked }, signal) {
      const used = references();
      const problems = (asked ?? []).flatMap((reference, index) =>
        used.has(reference)
          ? []
          : [{ pointer: `/references/${index}`, message: 'is used by no running server and no consumer' }],
      );
      if (problems.length > 0) throw rotationErrors.NOT_USED({ details: { problems } });
      const pinned = new Set(resolver.status().flatMap((status) => (status.pinned ? [status.reference] : [])));
      const wanted = asked ?? [...used].filter((reference) => !pinned.has(reference));
      return rotation.rotate([...new Set(wanted)], signal);
    },
    leaks: () => guard.counts(),
    rotations: () => rotation.counts(),
    readiness() {
      const used = references();
      const present = resolver.status().filter(({ reference }) => used.has(reference));
      return {
        stale: present.filter(({ stale }) => stale).map(({ reference }) => reference),
        failing: present.filter(({ failure }) => failure !== undefined).map(({ reference }) => reference),
        rotations: rotation.failing(),
      };
    },
  };
}

/** Where each reference stands; those that the host needs for its secrets are read by another resolver. */
interface Places {
  readonly used: Map<string, string[]>;
  readonly own: Map<string, string[]>;
}

function placesOf(specs: readonly UpstreamSpec[], consumers: readonly ConsumerSpec[], plan: HostPlan): Places {
  const used = new Map<string, string[]>();
  for (const spec of specs) {
    for (const { place, reference } of usesOf(spec)) add(used, reference, `servers.${spec.name}.${place}`);
  }
  for (const { name, keys } of consumers) {
    for (const [index, key] of keys.entries()) {
      if ('secret' in key) add(used, key.secret.secret, `consumers.${name}.keys.${index}`);
    }
  }
  return { used, own: ownPlaces(plan) };
}

/** What the configuration uses outside of servers and consumers. */
function ownPlaces({ providers, secrets: { local } }: HostPlan): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const [index, { with: options }] of providers.entries()) {
    for (const { path, reference } of usesInOptions(options)) {
      add(places, reference, ['secrets.providers', index, 'with', ...path].join('.'));
    }
  }
  if (local === undefined) return places;
  add(places, local.key.secret, 'secrets.local.key');
  for (const [index, { secret }] of local.oldKeys.entries()) add(places, secret, `secrets.local.oldKeys.${index}`);
  return places;
}

function add(places: Map<string, string[]>, reference: string, place: string): void {
  const known = places.get(reference);
  if (known === undefined) places.set(reference, [place]);
  else known.push(place);
}

function toRow(reference: string, usedBy: readonly string[], about: SecretStatus | string | undefined): SecretRow {
  const scheme = reference.slice(0, Math.max(0, reference.indexOf('://')));
  if (typeof about !== 'object') {
    const problem = about === undefined ? {} : { code: 'SECRET_REFERENCE_INVALID', problem: about };
    return { reference, scheme, pinned: false, stale: false, weak: false, usedBy, ...problem };
  }
  const { version, readAt, pinned, stale, weak, failure } = about;
  return {
    reference,
    scheme,
    ...(version !== undefined && { version }),
    ...(readAt && { age: Math.max(0, Date.now() - readAt.getTime()) }),
    pinned,
    stale,
    weak,
    usedBy,
    ...(failure && { code: failure.code, problem: failure.message }),
  };
}

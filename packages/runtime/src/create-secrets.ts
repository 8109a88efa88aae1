import type { ConsumerSpec, HostPlan, IssuerSpec } from '@hostler/config';
import type { UpstreamSpec } from '@hostler/kernel';
import type { LeakGuard, SecretResolver, SecretStatus } from '@hostler/secrets';
import { untilAborted } from '@hostler/upstream';
import type { Pool } from '@hostler/upstream';
import { auditSecrets } from './audit-references.ts';
import { rotationErrors } from './errors.ts';
import { inParallel } from './in-parallel.ts';
import { tlsKeyReferences } from './listen-tls.ts';
import type { Rotation } from './rotation.ts';
import { usesInOptions, usesOf } from './secret-uses.ts';
import type { SecretRow, Secrets, SecretsReadiness } from './secrets.ts';

export interface SecretsOptions {
  /** The one that the host was built with: its providers and its encrypted file are of that one. */
  readonly plan: HostPlan;
  /** Those of the plan in force. */
  readonly consumers: () => readonly ConsumerSpec[];
  /** Those of the plan in force. */
  readonly issuers: () => readonly IssuerSpec[];
  readonly pool: Pick<Pool, 'states' | 'runningSpecs'>;
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
  const { plan, consumers, issuers, pool, resolver, early, guard, rotation } = options;

  function places(): Places {
    const specs = pool.states().flatMap(({ name }) => pool.runningSpecs(name));
    const found = placesOf(specs, consumers(), plan);
    for (const [place, reference] of usesOfHost(plan, issuers())) add(found.used, reference, place);
    return found;
  }

  const references = (): ReadonlySet<string> => new Set(places().used.keys());

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

/** What is for the host itself. */
function usesOfHost(plan: HostPlan, issuers: readonly IssuerSpec[]): readonly (readonly [place: string, string])[] {
  const tlsKeys = tlsKeyReferences(plan).map((reference) => ['listen.tls.key', reference] as const);
  return [...tlsKeys, ...issuerSecrets(issuers), ...auditSecrets(plan), ...storeSecrets(plan)];
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

/** What the host shows to issuers that it asks about tokens, by the place where it is written. */
function issuerSecrets(issuers: readonly IssuerSpec[]): ReadonlyMap<string, string> {
  const asked = issuers.filter((issuer) => issuer.type === 'introspection');
  return new Map(asked.map(({ name, clientSecret }) => [`auth.issuers.${name}.clientSecret`, clientSecret.secret]));
}

/** What it shows to the store of the limits, likewise. */
function storeSecrets({ limits }: HostPlan): ReadonlyMap<string, string> {
  const password = limits.store?.redis.password;
  return new Map(password && [['limits.store.redis.password', password.secret]]);
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

import type { HostPlan, PlanProblem } from '@hostler/config';
import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';
import { createRedactor, createSecretResolver, sampleOf } from '@hostler/secrets';
import type { SecretProvider } from '@hostler/secrets';
import { auditSecrets } from './audit-references.ts';
import { builtInProviders } from './built-in-providers.ts';
import { systemClock } from './clock.ts';
import { tlsKeyReferences } from './listen-tls.ts';
import { loadDefinition } from './load-providers.ts';
import { usesInOptions } from './secret-uses.ts';

/**
 * Whether the secret providers of a plan can be loaded, and whether each reference can name something that one of them
 * reads. No secret is read.
 * @returns what is wrong, with its place in the configuration
 */
export async function checkSecrets(plan: HostPlan): Promise<readonly PlanProblem[]> {
  const { problems, providers } = await loadAll(plan);
  // One that could not be loaded may be the one that is missing below.
  if (problems.length > 0) return problems;
  const early = builtInProviders({ plan, environment: {}, read: () => Promise.reject(readNothing()) });
  const resolver = createSecretResolver({
    providers: [...early, ...providers],
    redactor: createRedactor(),
    clock: systemClock,
    fetch,
  });
  try {
    const schemes = new Set([...early, ...providers].map(({ scheme }) => scheme));
    return everyReference(plan).flatMap(({ path, reference }) => {
      const scheme = reference.slice(0, Math.max(0, reference.indexOf('://')));
      if (!schemes.has(scheme)) return [unknownScheme(path, scheme, schemes)];
      const message = resolver.problemOf(sampleOf(reference));
      return message === undefined ? [] : [{ path, message }];
    });
  } finally {
    await resolver.close();
  }
}

async function loadAll(plan: HostPlan) {
  const problems: PlanProblem[] = [];
  const providers: SecretProvider[] = [];
  for (const [index, spec] of plan.providers.entries()) {
    const hasSecrets = usesInOptions(spec.with).length > 0;
    try {
      // oxlint-disable-next-line no-await-in-loop -- in the order of the file
      const definition = await loadDefinition(spec, plan.source);
      // Its secrets are not read here, and without them its options cannot be checked.
      // oxlint-disable-next-line no-await-in-loop -- as above
      providers.push(hasSecrets ? bare(definition.scheme) : await definition.create(spec.with));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push({ path: ['secrets', 'providers', index, 'use'], message });
    }
  }
  return { problems, providers };
}

/** Nothing is read through it. */
function bare(scheme: string): SecretProvider {
  return { scheme, read: () => Promise.reject(readNothing()) };
}

function readNothing(): Error {
  return new Error('No secret is read here.');
}

function unknownScheme(path: Path, scheme: string, schemes: ReadonlySet<string>): PlanProblem {
  const message = `no provider of secrets reads ${scheme}://`;
  const known = [...schemes].map((one) => `${one}://`).join(', ');
  return { path, message, hint: `known are ${known}; others need their package under secrets.providers` };
}

type Path = PlanProblem['path'];

interface Written {
  readonly path: Path;
  readonly reference: string;
}

/** Of all servers, the disabled ones too, and of what the host itself needs. */
function everyReference({
  written,
  providers,
  consumers = [],
  secrets: { local },
  listen,
  audit,
}: HostPlan): Written[] {
  const ofProviders = providers.flatMap(({ with: options }, index) =>
    usesInOptions(options).map(({ path, reference }) => ({
      path: ['secrets', 'providers', index, 'with', ...path, 'secret'],
      reference,
    })),
  );
  const ofConsumers = consumers.flatMap(({ name, keys }) =>
    keys.flatMap((key, index) =>
      'secret' in key ? [{ path: ['consumers', name, 'keys', index, 'secret'], reference: key.secret.secret }] : [],
    ),
  );
  const ofVault = local === undefined ? [] : [local.key, ...local.oldKeys];
  return [
    ...referencesIn(written, ['servers']),
    ...ofProviders,
    ...ofConsumers,
    ...[...auditSecrets(audit ? { audit } : {})].map(([place, reference]) => ({
      path: [...place.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)), 'secret'],
      reference,
    })),
    ...tlsKeyReferences({ listen }).map((reference) => ({ path: ['listen', 'tls', 'key', 'secret'], reference })),
    ...ofVault.map(({ secret: reference }, index) => ({
      path: ['secrets', 'local', ...(index === 0 ? ['key'] : ['oldKeys', index - 1]), 'secret'],
      reference,
    })),
  ];
}

function referencesIn(value: Json | undefined, path: Path): Written[] {
  if (!isJsonObject(value)) return [];
  const { secret } = value;
  if (typeof secret === 'string' && path.length > 3) return [{ path: [...path, 'secret'], reference: secret }];
  return Object.entries(value).flatMap(([key, inner]) => referencesIn(inner, [...path, key]));
}

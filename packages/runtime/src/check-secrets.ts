import type { HostPlan, PlanProblem } from '@hostler/config';
import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';
import { loadProvider } from './load-providers.ts';

/**
 * Whether the secret providers of a plan can be loaded, and whether each reference has one of them. No secret is read.
 * @returns what is wrong, with its place in the configuration
 */
export async function checkSecrets(plan: HostPlan): Promise<readonly PlanProblem[]> {
  const problems: PlanProblem[] = [];
  const schemes = new Set(['env', 'file']);
  for (const [index, spec] of plan.providers.entries()) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- in the order of the file
      const provider = await loadProvider(spec, plan.source);
      schemes.add(provider.scheme);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await provider.close?.();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push({ path: ['secrets', 'providers', index, 'use'], message });
    }
  }
  // One that could not be loaded may be the one that is missing below.
  if (problems.length > 0) return problems;
  for (const { path, reference } of referencesIn(plan.written, ['servers'])) {
    const scheme = reference.slice(0, Math.max(0, reference.indexOf('://')));
    if (schemes.has(scheme)) continue;
    const known = [...schemes].map((one) => `${one}://`).join(', ');
    const hint = `known are ${known}; others need their package under secrets.providers`;
    problems.push({ path, message: `no provider of secrets reads ${scheme}://`, hint });
  }
  return problems;
}

type Path = PlanProblem['path'];

function referencesIn(value: Json | undefined, path: Path): { readonly path: Path; readonly reference: string }[] {
  if (!isJsonObject(value)) return [];
  const { secret } = value;
  if (typeof secret === 'string' && path.length > 3) return [{ path: [...path, 'secret'], reference: secret }];
  return Object.entries(value).flatMap(([key, inner]) => referencesIn(inner, [...path, key]));
}

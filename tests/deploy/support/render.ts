import { join } from 'node:path';
import { parseManifests } from './objects.ts';
import type { Manifest } from './objects.ts';
import { findOrSay, repository, run } from './program.ts';

export const kubectl = findOrSay('kubectl', 'kustomizations');
export const helm = findOrSay('helm', 'the chart');
const kubernetes = join(repository, 'deploy/kubernetes');
export const chart = join(repository, 'deploy/helm/hostler');

/** What `kubectl kustomize` makes of a folder below deploy/kubernetes, or of any other. */
export async function renderKustomize(folder: string): Promise<Manifest[]> {
  const { code, stdout, stderr } = await run(kubectl ?? 'kubectl', ['kustomize', join(kubernetes, folder)]);
  if (code !== 0) throw new Error(stderr);
  return parseManifests(stdout);
}

/** What `helm template` makes of the chart. */
export async function renderChart(parameters: readonly string[] = [], release = 'hostler'): Promise<Manifest[]> {
  const given = ['template', release, chart, '--namespace', 'hostler', ...parameters];
  const { code, stdout, stderr } = await run(helm ?? 'helm', given);
  if (code !== 0) throw new Error(stderr);
  return parseManifests(stdout);
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository } from './support/program.ts';

const read = (path: string) => readFile(join(repository, path), 'utf8');

it('deploys the version that the sources are', async () => {
  const { version } = JSON.parse(await read('apps/api/package.json')) as { version: string };
  const places: [string, RegExp, string[]][] = [
    ['deploy/kubernetes/base/deployment.yaml', /image: hostler-api:(\S+)/g, [version]],
    ['deploy/kubernetes/overlays/staging/kustomization.yaml', /newTag: (\S+)/g, [version]],
    ['deploy/kubernetes/overlays/production/kustomization.yaml', /newTag: (\S+)/g, [version]],
    ['deploy/helm/hostler/Chart.yaml', /^(?:appVersion|version): (\S+)/gm, [version, version]],
    ['deploy/cloudrun/service.yaml', /\/hostler-api:(\S+)/g, [version]],
  ];
  for (const [path, pattern, wanted] of places) {
    const found = [...(await read(path)).matchAll(pattern)].map(([, name]) => name);
    expect([path, found]).toEqual([path, wanted]);
  }
});

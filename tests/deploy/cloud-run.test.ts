import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkTypes } from './support/check-types.ts';
import { at, listAt, parseManifests, textAt } from './support/objects.ts';
import { repository } from './support/program.ts';
import { readConfig, secretReferences } from './support/read-config.ts';

const folder = join(repository, 'deploy/cloudrun');
const objects = parseManifests(await readFile(join(folder, 'service.yaml'), 'utf8'));
const config = await readFile(join(folder, 'hostler.yaml'), 'utf8');
const [service] = objects;
const annotations = (at(service, 'spec.template.metadata.annotations') ?? {}) as Readonly<Record<string, string>>;
const container = at(service, 'spec.template.spec.containers.0');

describe('the service of Cloud Run', () => {
  it('is of the types of Knative, without a member too many', async () => {
    expect(await checkTypes(objects)).toEqual([]);
  });

  it('runs between requests, and keeps sessions in one instance', () => {
    expect(annotations).toMatchObject({
      'run.googleapis.com/cpu-throttling': 'false',
      'run.googleapis.com/sessionAffinity': 'true',
      'run.googleapis.com/execution-environment': 'gen2',
      'autoscaling.knative.dev/minScale': '1',
      'autoscaling.knative.dev/maxScale': '1',
    });
    expect(textAt(service, 'spec.template.spec.timeoutSeconds')).toBe('3600');
  });

  it('has an identity of its own, a version, a bound and probes that are answered', () => {
    expect(textAt(service, 'spec.template.spec.serviceAccountName')).toMatch(/^hostler@/);
    expect(textAt(container, 'image')).toMatch(/:\d+\.\d+\.\d+$/);
    expect(textAt(container, 'resources.limits.memory')).toBe('1Gi');
    for (const probe of ['startupProbe', 'livenessProbe']) {
      expect(textAt(container, `${probe}.httpGet.path`)).toBe('/livez');
      expect(listAt(container, `${probe}.httpGet.httpHeaders`)).toEqual([{ name: 'Host', value: 'localhost' }]);
    }
  });

  it('mounts every secret that its configuration names, from the Secret Manager', () => {
    const mounts = listAt(container, 'volumeMounts').flatMap((mount) => {
      const volume = listAt(service, 'spec.template.spec.volumes').find(
        (one) => textAt(one, 'name') === textAt(mount, 'name'),
      );
      return listAt(volume, 'secret.items').map((item) => `${textAt(mount, 'mountPath')}/${textAt(item, 'path')}`);
    });
    expect(mounts).toContain('/etc/hostler/hostler.yaml');
    const wanted = secretReferences(config).map((reference) => reference.replace(/^file:\/\//, ''));
    expect(wanted.length).toBeGreaterThan(0);
    expect(mounts).toEqual(expect.arrayContaining(wanted));
    // Cloud Run mounts one secret in a folder.
    const folders = mounts.map((path) => path.slice(0, path.lastIndexOf('/')));
    expect(new Set(folders).size).toBe(folders.length);
  });

  it('has a configuration that is valid, and that stops before it is killed', async () => {
    const { plan, problems } = await readConfig(config);
    expect(problems).toBeUndefined();
    expect(plan?.consumers?.length).toBeGreaterThan(0);
    expect(plan?.listen.allowedHosts?.length).toBeGreaterThan(0);
    expect(plan?.shutdownGrace).toBeLessThan(10_000);
  });
});

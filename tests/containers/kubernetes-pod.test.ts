import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey } from '@hostler/auth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, listAt, parseManifests, textAt } from '../deploy/support/objects.ts';
import { quantity } from '../deploy/support/quantity.ts';
import { until } from './support/container.ts';
import { docker, image, root, tryDocker } from './support/docker.ts';

const base = join(root, 'deploy/kubernetes/base');
const [deployment] = parseManifests(await readFile(join(base, 'deployment.yaml'), 'utf8'));
const pod = at(deployment, 'spec.template.spec');
const container = at(pod, 'containers.0');
const keys = { 'client-key': createKey().key, 'monitoring-key': createKey().key };

/** The container of the Deployment, as the engine here can start it: what a node would make of its manifest. */
describe('the image, as the manifest for Kubernetes starts it', () => {
  const name = `hostler-test-${randomUUID().slice(0, 8)}`;
  const place = { folder: '', port: 0 };

  beforeAll(async () => {
    place.folder = await mkdtemp(join(tmpdir(), 'hostler-pod-'));
    await prepare(place.folder);
    const words = ['run', '--detach', `--name=${name}`, '--publish=127.0.0.1::8000', ...optionsOf(place.folder)];
    await docker(...words, image('api'), ...listAt(container, 'args').map(String));
    place.port = Number((await docker('port', name, '8000/tcp')).split(':').pop());
    const probe = async () => (await ask(place.port, probeOf('startupProbe'))) === 200;
    const bound = 1000 * Number(textAt(container, 'startupProbe.failureThreshold'));
    await until('the startup probe succeeds', probe, () => docker('logs', name), bound);
  });
  afterAll(async () => {
    await tryDocker(['rm', '--force', '--volumes', name]);
    await rm(place.folder, { recursive: true, force: true });
  });

  it('answers the probes, under the name that they use and not under its address', async () => {
    await until('it is ready', async () => (await ask(place.port, probeOf('readinessProbe'))) === 200);
    expect(await ask(place.port, probeOf('livenessProbe'))).toBe(200);
    const address = await docker(
      'inspect',
      '--format',
      '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
      name,
    );
    expect(await ask(place.port, { path: '/livez', host: `${address}:8000` })).toBe(403);
  });

  it('lets in who has a key, by the secret files, and metrics be read by the consumer with the role', async () => {
    const get = (path: string, key?: string) => ask(place.port, { path, host: 'hostler:8000', ...(key && { key }) });
    expect(await get('/v1/tools')).toBe(401);
    expect(await get('/v1/tools', keys['client-key'])).toBe(200);
    expect(await get('/metrics', keys['client-key'])).toBe(403);
    expect(await get('/metrics', keys['monitoring-key'])).toBe(200);
  });

  it('has what runs before it stops, writes where volumes are and nowhere else', async () => {
    const hook = listAt(container, 'lifecycle.preStop.exec.command').map(String);
    expect(hook).toEqual(['sleep', '5']);
    await docker('exec', name, hook[0] ?? '', '0');
    for (const path of ['/tmp/x', '/var/lib/hostler/x']) await docker('exec', name, 'touch', path);
    for (const path of ['/etc/hostler/x', '/run/secrets/hostler/x', '/app/x', '/x']) {
      expect((await tryDocker(['exec', name, 'touch', path])).exitCode).not.toBe(0);
    }
    expect(await docker('exec', name, 'id', '-u')).toBe('10001');
  });

  it('ends well within its time', async () => {
    const seconds = Number(textAt(pod, 'terminationGracePeriodSeconds'));
    const begun = performance.now();
    await docker('stop', `--time=${seconds}`, name);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', name)).toBe('0');
    expect(performance.now() - begun).toBeLessThan(seconds * 1000);
  });
});

interface Probe {
  readonly path: string;
  readonly host: string;
  readonly key?: string;
}

function probeOf(probe: string): Probe {
  const get = at(container, `${probe}.httpGet`);
  return { path: textAt(get, 'path'), host: textAt(get, 'httpHeaders.0.value') };
}

/** The status; 0 without an answer. */
function ask(port: number, { path, host, key }: Probe): Promise<number> {
  const headers = { host, ...(key !== undefined && { authorization: `Bearer ${key}` }) };
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, timeout: 5_000 }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => resolve(0));
    sent.end();
  });
}

/** What the kubelet would mount. */
async function prepare(folder: string): Promise<void> {
  await mkdir(join(folder, 'config'));
  await mkdir(join(folder, 'secrets'));
  await cp(join(base, 'hostler.yaml'), join(folder, 'config/hostler.yaml'));
  for (const [file, key] of Object.entries(keys)) await writeFile(join(folder, 'secrets', file), key);
  await chmod(folder, 0o755);
}

/** Security, bounds, environment and mounts of the manifest, in the words of the engine. */
function optionsOf(folder: string): string[] {
  const security = at(container, 'securityContext');
  const user = `${textAt(pod, 'securityContext.runAsUser')}:${textAt(pod, 'securityContext.runAsGroup')}`;
  const volumes = listAt(pod, 'volumes');
  return [
    `--user=${user}`,
    ...(at(security, 'readOnlyRootFilesystem') === true ? ['--read-only'] : []),
    ...(at(security, 'allowPrivilegeEscalation') === false ? ['--security-opt=no-new-privileges'] : []),
    ...listAt(security, 'capabilities.drop').map((capability) => `--cap-drop=${String(capability)}`),
    `--memory=${quantity(textAt(container, 'resources.limits.memory'))}`,
    `--cpus=${quantity(textAt(container, 'resources.limits.cpu'))}`,
    ...listAt(container, 'env').map((one) => `--env=${textAt(one, 'name')}=${textAt(one, 'value')}`),
    ...listAt(container, 'volumeMounts').map((mount) => {
      const volume = volumes.find((one) => textAt(one, 'name') === textAt(mount, 'name'));
      const target = textAt(mount, 'mountPath');
      const bound = textAt(volume, 'emptyDir.sizeLimit').toLowerCase().replace('i', '');
      return bound === ''
        ? `--volume=${join(folder, textAt(mount, 'name'))}:${target}:ro`
        : // The engine gives a tmpfs the mode of the folder below it, a node its emptyDir to fsGroup.
          `--tmpfs=${target}:uid=10001,gid=10001,size=${bound}`;
    }),
  ];
}

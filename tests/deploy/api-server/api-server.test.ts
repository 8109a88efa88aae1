import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, ofKind } from '../support/objects.ts';
import type { Manifest } from '../support/objects.ts';
import { findOrSay, repository, run } from '../support/program.ts';
import { renderChart, renderKustomize } from '../support/render.ts';
import { startApiServer } from './start-api-server.ts';
import type { ApiServer } from './start-api-server.ts';

const [kubectl, helm, etcd, apiServer] = ['kubectl', 'helm', 'etcd', 'kube-apiserver'].map((name) =>
  findOrSay(name, 'what an API server says of the manifests (pnpm deploy:api-server)'),
);

const POD = 'spec.template.spec';
const BLOCK = 'spec.egress.1.to.0.ipBlock';
const others = { matchLabels: { app: 'other' } };

describe.skipIf([kubectl, helm, etcd, apiServer].includes(undefined))('a real API server', () => {
  const { promise: ready, resolve, reject } = Promise.withResolvers<ApiServer>();
  beforeAll(async () => {
    const programs = { kubectl: kubectl ?? '', etcd: etcd ?? '', apiServer: apiServer ?? '' };
    await startApiServer(programs).then(resolve, reject);
    const server = await ready;
    for (const name of ['hostler', 'hostler-staging']) {
      // What Pod Security judges has to be in a namespace, and a pod has to have an account, that exist.
      const objects = await renderKustomize(name === 'hostler' ? 'overlays/production' : 'overlays/staging');
      const firsts = ['Namespace', 'ServiceAccount'].flatMap((kind) => ofKind(objects, kind));
      const { code, stderr } = await server.kubectl(['apply', '-f', '-'], list(firsts));
      if (code !== 0) throw new Error(stderr);
    }
  }, 120_000);
  afterAll(async () => (await ready)[Symbol.asyncDispose]());

  async function dryRun(objects: readonly Manifest[], namespace?: string) {
    const where = namespace === undefined ? [] : ['--namespace', namespace];
    const given = ['apply', '--dry-run=server', '--validate=strict', ...where, '-f', '-'];
    return (await ready).kubectl(given, list(objects));
  }

  it.each([
    ['the base', () => renderKustomize('base')],
    ['staging', () => renderKustomize('overlays/staging')],
    ['production', () => renderKustomize('overlays/production')],
    ['the chart', () => renderChart()],
    ['the chart with an ingress', () => renderChart(['--set=ingress.enabled=true,autoscaling.enabled=false'])],
  ])('takes %s, with no word of warning', async (_, render) => {
    const objects = await render();
    const { code, stdout, stderr } = await dryRun(objects, objects[0]?.kind === 'Namespace' ? undefined : 'hostler');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/\(server dry run\)/g)?.length).toBe(objects.length);
  });

  it('takes production for good, and then finds no difference', async () => {
    const objects = await renderKustomize('overlays/production');
    const server = await ready;
    const applied = await server.kubectl(['apply', '-f', '-'], list(objects));
    expect({ code: applied.code, stderr: applied.stderr }).toEqual({ code: 0, stderr: '' });
    const { code, stdout, stderr } = await server.kubectl(['diff', '-f', '-'], list(objects));
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('takes the steps of docs/deployment-guide.md: a Secret of files, the production overlay by kubectl, the chart by helm', async () => {
    const server = await ready;
    const folder = await mkdtemp(join(tmpdir(), 'hostler-steps-'));
    try {
      for (const name of ['client-key', 'monitoring-key']) await writeFile(join(folder, name), `${name} of the test`);
      await writeFile(join(folder, 'values.yaml'), 'replicas: 3\nautoscaling: { enabled: false }\n');
      const files = ['client-key', 'monitoring-key'].map((name) => `--from-file=${join(folder, name)}`);
      const secret = ['--namespace', 'hostler', 'create', 'secret', 'generic', 'hostler-secrets', ...files];
      expect(await server.kubectl(secret)).toMatchObject({ code: 0, stderr: '' });
      const overlay = join(repository, 'deploy/kubernetes/overlays/production');
      expect(await server.kubectl(['apply', '-k', overlay])).toMatchObject({ code: 0, stderr: '' });
      expect(await server.kubectl(['diff', '-k', overlay])).toMatchObject({ code: 0, stdout: '' });
      const values = ['--create-namespace', '--values', join(folder, 'values.yaml'), '--kubeconfig', server.config];
      const chartFolder = join(repository, 'deploy/helm/hostler');
      const install = ['upgrade', '--install', 'hostler', chartFolder, '--namespace', 'hostler-helm', ...values];
      for (const revision of [1, 2]) {
        const { code, stdout, stderr } = await run(helm ?? '', install);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(stdout).toContain(`REVISION: ${revision}`);
      }
      const get = [
        '--namespace',
        'hostler-helm',
        'get',
        'deployment',
        'hostler',
        '--output',
        'jsonpath={.spec.replicas}',
      ];
      expect((await server.kubectl(get)).stdout).toBe('3');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.each([
    {
      what: 'a member that does not exist',
      kind: 'Deployment',
      path: POD,
      members: { hostNetworks: true },
      says: /unknown/,
    },
    { what: 'a port that is none', kind: 'Service', path: 'spec.ports.0', members: { port: 80_000 }, says: /65535/ },
    {
      what: 'a selector of others',
      kind: 'Deployment',
      path: 'spec.selector',
      members: others,
      says: /does not match/,
    },
    { what: 'no prefix', kind: 'NetworkPolicy', path: BLOCK, members: { cidr: '10.0.0.0/99' }, says: /cidr/ },
    {
      what: 'no room',
      kind: 'HorizontalPodAutoscaler',
      path: 'spec',
      members: { maxReplicas: 0 },
      says: /maxReplicas/,
    },
  ])('refuses $what', async ({ kind, path, members, says }) => {
    const objects = structuredClone(await renderKustomize('base'));
    Object.assign(at(ofKind(objects, kind)[0], path) ?? {}, members);
    const { code, stderr } = await dryRun(ofKind(objects, kind), 'hostler');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(says);
  });

  describe('with the strictest Pod Security', () => {
    it.each(['overlays/staging', 'overlays/production'])('lets the pods of %s in', async (folder) => {
      const pod = podOf(await renderKustomize(folder));
      const { code, stderr } = await dryRun([pod]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    });

    it.each([
      ['a root user', 'spec.securityContext', { runAsUser: 0 }, /runAsUser=0/],
      ['no seccomp profile', 'spec.securityContext', { seccompProfile: undefined }, /seccompProfile/],
      ['privileges to gain', 'spec.containers.0.securityContext', { allowPrivilegeEscalation: true }, /allowPrivilege/],
      ['capabilities', 'spec.containers.0.securityContext', { capabilities: {} }, /unrestricted capabilities/],
      ['the network of the node', 'spec', { hostNetwork: true }, /host namespaces/],
    ])('keeps a pod with %s out', async (_, path, members, message) => {
      const pod = podOf(structuredClone(await renderKustomize('overlays/production')));
      Object.assign(at(pod, path) ?? {}, members);
      const { code, stderr } = await dryRun([pod]);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/violates PodSecurity "restricted/);
      expect(stderr).toMatch(message);
    });
  });
});

function list(items: readonly Manifest[]): unknown {
  return { apiVersion: 'v1', kind: 'List', items };
}

/** As the Deployment would make it: Pod Security refuses pods, and only warns of what makes them. */
function podOf(objects: readonly Manifest[]): Manifest {
  const [deployment] = ofKind(objects, 'Deployment');
  const template = at(deployment, 'spec.template') as { metadata: object; spec: object };
  const { namespace = '' } = deployment?.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: 'hostler', namespace },
    spec: template.spec,
  };
}

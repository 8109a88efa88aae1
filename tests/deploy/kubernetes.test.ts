import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkTypes } from './support/check-types.ts';
import { at, ofKind, textAt } from './support/objects.ts';
import type { Manifest } from './support/objects.ts';
import { podPolicies } from './support/pod-policies.ts';
import { isReachable } from './support/reach.ts';
import { chart, helm, kubectl, renderChart, renderKustomize } from './support/render.ts';
import { repository, run } from './support/program.ts';
import { setPolicies } from './support/set-policies.ts';
import { breakages } from './support/breakages.ts';

const policies = [...podPolicies, ...setPolicies];
const folders = ['base', 'overlays/staging', 'overlays/production'];

describe.skipIf(kubectl === undefined)('the kustomizations', () => {
  it.each(folders)('%s is of the types of the Kubernetes API, without a member too many', async (folder) => {
    const objects = await renderKustomize(folder);
    expect(await checkTypes(objects)).toEqual([]);
    expect(objects.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([
        'ConfigMap',
        'Deployment',
        'HorizontalPodAutoscaler',
        'NetworkPolicy',
        'PodDisruptionBudget',
      ]),
    );
  });

  describe.each(folders)('%s', (folder) => {
    const rendered = Promise.withResolvers<readonly Manifest[]>();
    beforeAll(async () => rendered.resolve(await renderKustomize(folder)));

    it.each(policies)('$name', async ({ problems }) => {
      expect(await problems(await rendered.promise)).toEqual([]);
    });
  });

  it('put what belongs to an environment into its own namespace, where the strictest Pod Security holds', async () => {
    for (const [folder, name] of [
      ['overlays/staging', 'hostler-staging'],
      ['overlays/production', 'hostler'],
    ] as const) {
      const objects = await renderKustomize(folder);
      const [namespace] = ofKind(objects, 'Namespace');
      expect(namespace?.metadata.name).toBe(name);
      expect(namespace?.metadata.labels?.['pod-security.kubernetes.io/enforce']).toBe('restricted');
      const others = objects.filter(({ kind }) => kind !== 'Namespace');
      expect(new Set(others.map(({ metadata }) => metadata.namespace))).toEqual(new Set([name]));
    }
  });

  it('make a changed configuration a rollout', async () => {
    const [base, staging] = await Promise.all(['base', 'overlays/staging'].map(renderKustomize));
    const names = [base, staging].map((objects = []) => ofKind(objects, 'ConfigMap')[0]?.metadata.name);
    expect(new Set(names).size).toBe(2);
    expect(names.every((name) => /^hostler-config-\w{10}$/.test(name ?? ''))).toBe(true);
  });
});

describe.skipIf(kubectl === undefined)('a policy', () => {
  const rendered = Promise.withResolvers<readonly Manifest[]>();
  beforeAll(async () => rendered.resolve(await renderKustomize('overlays/production')));

  it.each(breakages)('"$policy" sees $what', async ({ policy, breakIt }) => {
    const objects = structuredClone([...(await rendered.promise)]);
    breakIt(objects);
    const problems = await policies.find(({ name }) => name === policy)?.problems(objects);
    expect(problems).not.toEqual([]);
    expect(problems).toBeDefined();
  });

  it('that nothing breaks is none', () => {
    expect(policies.map(({ name }) => name).filter((name) => !breakages.some(({ policy }) => policy === name))).toEqual(
      [],
    );
  });

  it.each([
    ['a member that does not exist', { minReadySecond: 5 }, /minReadySecond\W+does not exist/],
    ['a value of another type', { progressDeadlineSeconds: '3m' }, /not assignable to type 'number'/],
    ['a member that is missing', { selector: undefined }, /selector\W+is missing/],
  ])('of types sees %s', async (_, members, message) => {
    const objects = structuredClone([...(await rendered.promise)]);
    Object.assign(at(ofKind(objects, 'Deployment')[0], 'spec') ?? {}, members);
    expect((await checkTypes(objects)).join('\n')).toMatch(message);
  });
});

describe.skipIf(kubectl === undefined)('the components', () => {
  async function withComponent(name: string): Promise<Manifest[]> {
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'hostler-overlay-'));
    const to = (path: string) => relative(folder, join(repository, 'deploy/kubernetes', path));
    try {
      const lines = ['resources:', `- ${to('overlays/staging')}`, 'components:', `- ${to(`components/${name}`)}`];
      await writeFile(join(folder, 'kustomization.yaml'), `${lines.join('\n')}\n`);
      return await renderKustomize(relative(join(repository, 'deploy/kubernetes'), folder));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  it.each(['gke-workload-identity', 'eks-pod-identity', 'redis', 'ingress'])('%s fits the types', async (name) => {
    expect(await checkTypes(await withComponent(name))).toEqual([]);
  });

  it('open what they are for and nothing else', async () => {
    const reach = async (name: string) => {
      const [policy] = ofKind(await withComponent(name), 'NetworkPolicy');
      const places = ['169.254.169.254:80', '169.254.170.23:80', '10.0.0.10:6379', '10.0.0.10:443', '10.0.0.11:6379'];
      return places.filter((place) => {
        const [address = '', port = ''] = place.split(':');
        return policy !== undefined && isReachable(policy, address, Number(port));
      });
    };
    expect(await reach('gke-workload-identity')).toEqual(['169.254.169.254:80']);
    expect(await reach('eks-pod-identity')).toEqual(['169.254.170.23:80']);
    expect(await reach('redis')).toEqual(['10.0.0.10:6379']);
    expect(await reach('ingress')).toEqual([]);
  });

  it('give the account the name of its identity', async () => {
    const [account] = ofKind(await withComponent('gke-workload-identity'), 'ServiceAccount');
    expect(at(account, 'metadata.annotations')).toHaveProperty(['iam.gke.io/gcp-service-account']);
  });
});

describe.skipIf(helm === undefined || kubectl === undefined)('the chart', () => {
  it('renders what the base does', async () => {
    expect(await comparable(await renderChart())).toEqual(await comparable(await renderKustomize('base')));
  });

  it('passes helm lint, its own schema, the types and all policies', async () => {
    const lint = await run(helm ?? 'helm', ['lint', '--strict', chart]);
    expect(lint.stdout).toContain('0 chart(s) failed');
    const objects = await renderChart();
    expect(await checkTypes(objects)).toEqual([]);
    for (const { name, problems } of policies) expect([name, await problems(objects)]).toEqual([name, []]);
  });

  it('keeps the types and policies with everything switched on', async () => {
    const everything = [
      '--set=ingress.enabled=true,ingress.host=hostler',
      `--set=image.repository=ghcr.io/hostler/hostler-api,image.digest=sha256:${'a'.repeat(64)}`,
      '--set=serviceAccount.name=identity,priorityClassName=high',
      '--set-json=networkPolicy.from=[{"namespaceSelector":{"matchLabels":{"a":"b"}}}]',
      '--set-json=podLabels={"team":"a"}',
      '--set-json=tolerations=[{"operator":"Exists"}]',
      '--set-json=env=[{"name":"A","value":"b"}]',
      '--set-json=imagePullSecrets=[{"name":"pull"}]',
    ];
    const objects = await renderChart(everything);
    expect(await checkTypes(objects)).toEqual([]);
    for (const { name, problems } of policies) expect([name, await problems(objects)]).toEqual([name, []]);
    expect(textAt(ofKind(objects, 'Deployment')[0], 'spec.template.spec.containers.0.image')).toMatch(/@sha256:a{64}$/);
  });

  it('takes a configuration of its own, and rolls out when it changes', async () => {
    const checksum = 'spec.template.metadata.annotations.checksum/config';
    const values = '--set-json=config={"servers":{},"consumers":{},"listen":{"allowedHosts":["hostler"]}}';
    const [plain, own] = await Promise.all([renderChart(), renderChart([values])]);
    expect(textAt(ofKind(own, 'ConfigMap')[0], 'data.hostler.yaml')).toBe('');
    expect(Object.values(at(ofKind(own, 'ConfigMap')[0], 'data') ?? {}).join()).toContain('allowedHosts');
    expect(textAt(ofKind(own, 'Deployment')[0], checksum)).not.toBe(textAt(ofKind(plain, 'Deployment')[0], checksum));
  });

  it('lets two releases stand side by side', async () => {
    const [one, two] = await Promise.all([renderChart([], 'red'), renderChart([], 'blue')]);
    expect(labelsOf(one)).not.toEqual(labelsOf(two));
    for (const { name, problems } of podPolicies) expect([name, await problems(one)]).toEqual([name, []]);
  });

  it.each([
    ['--set=image.tag=latest'],
    ['--set=image.digest=sha256:1'],
    ['--set=replica=3'],
    ['--set=resources.limits.memory=null'],
    ['--set=service.sessionAffinity=Cookie'],
  ])('refuses %s', async (value) => {
    await expect(renderChart([value])).rejects.toThrow(/specifications of the schema/);
  });
});

function labelsOf(objects: Awaited<ReturnType<typeof renderChart>>): unknown {
  return at(ofKind(objects, 'Deployment')[0], 'spec.selector.matchLabels');
}

/** Without what can only differ: the order, the labels of Helm, the hash in the name of the configuration. */
async function comparable(objects: Awaited<ReturnType<typeof renderChart>>): Promise<unknown[]> {
  const text = JSON.stringify(objects).replaceAll(/hostler-config-\w{10}\b/g, 'hostler-config');
  const sorted = (JSON.parse(text) as typeof objects).toSorted((one, other) => one.kind.localeCompare(other.kind));
  for (const object of sorted) {
    const { labels = {} } = object.metadata as { labels?: Record<string, string> };
    delete labels['app.kubernetes.io/managed-by'];
    delete labels['helm.sh/chart'];
    const template = at(object, 'spec.template.metadata') as Record<string, unknown> | undefined;
    if (template !== undefined) delete template['annotations'];
  }
  return sorted;
}

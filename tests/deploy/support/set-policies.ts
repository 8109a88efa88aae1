import { secretReferences, readConfig } from './read-config.ts';
import { at, labelsAt, listAt, ofKind, selects, textAt } from './objects.ts';
import type { Manifest } from './objects.ts';
import { ofPods, podLabels, podsOf, unless } from './policy.ts';
import type { Pod, Policy } from './policy.ts';
import { isReachable } from './reach.ts';

/** Metadata services of clouds; the Kubernetes API and neighbours are behind private addresses. */
const FORBIDDEN = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.169.252',
  '100.100.100.200',
  'fd00:ec2::254',
  'fd20:ce::254',
  '10.0.0.1',
  '172.20.0.1',
  '192.168.1.1',
  'fe80::1',
];
const PORTS = [22, 53, 80, 443, 988, 5432, 6379, 6443, 8000];

/** What has to fit between the objects of one environment. */
export const setPolicies: readonly Policy[] = [
  ofPods('is chosen by everything that chooses pods', (pod, objects) => {
    const labels = podLabels(pod);
    const selectors: [string, unknown, string][] = [
      ['Service', undefined, 'spec.selector'],
      ['PodDisruptionBudget', undefined, 'spec.selector.matchLabels'],
      ['NetworkPolicy', undefined, 'spec.podSelector.matchLabels'],
    ];
    const spread = listAt(pod.spec, 'topologySpreadConstraints');
    return [
      ...unless(selects(labelsAt(pod.of, 'spec.selector.matchLabels'), labels), 'the workload does not choose them'),
      ...selectors.flatMap(([kind, , path]) =>
        unless(
          ofKind(objects, kind).some((one) => selects(labelsAt(one, path), labels)),
          `no ${kind} chooses them`,
        ),
      ),
      ...unless(spread.length === 2, 'they are not spread over zones and nodes'),
      ...spread.flatMap((one) =>
        unless(selects(labelsAt(one, 'labelSelector.matchLabels'), labels), 'spread of others'),
      ),
    ];
  }),
  ofPods('is scaled, and can be moved', ({ of }, objects) => {
    const scaler = ofKind(objects, 'HorizontalPodAutoscaler').find(
      (one) => textAt(one, 'spec.scaleTargetRef.name') === of.metadata.name,
    );
    const budget = ofKind(objects, 'PodDisruptionBudget')[0];
    return [
      ...unless(textAt(scaler, 'spec.scaleTargetRef.kind') === of.kind, 'nothing scales it'),
      ...unless(at(of, 'spec.replicas') === undefined, 'replicas would fight with the autoscaler'),
      ...unless(
        Number(textAt(scaler, 'spec.maxReplicas')) > Number(textAt(scaler, 'spec.minReplicas')),
        'it cannot be scaled',
      ),
      ...unless(Number(textAt(budget, 'spec.maxUnavailable')) >= 1, 'no node can be emptied'),
      ...unless(at(of, 'spec.strategy.rollingUpdate.maxUnavailable') === 0, 'a rollout takes capacity away'),
    ];
  }),
  {
    name: 'is reached at its port alone, and reaches no metadata and no neighbour',
    problems: (objects) => ofKind(objects, 'NetworkPolicy').flatMap(networkProblems).concat(noPolicy(objects)),
  },
  ofPods('has one port from the Service to the container', (pod, objects) =>
    pod.containers.flatMap((container) => {
      const ports = listAt(container, 'ports').map((port) => textAt(port, 'containerPort'));
      const environment = listAt(container, 'env').find((one) => textAt(one, 'name') === 'PORT');
      const service = ofKind(objects, 'Service')[0];
      const name = textAt(listAt(container, 'ports')[0], 'name');
      return [
        ...unless(ports.join() === '8000', `the container has ${ports.join() || 'no port'}`),
        ...unless(textAt(environment, 'value') === '8000', 'PORT is another one'),
        ...unless(textAt(service, 'spec.ports.0.targetPort') === name, 'the Service leads elsewhere'),
        ...['startupProbe', 'livenessProbe', 'readinessProbe'].flatMap((probe) =>
          unless(textAt(container, `${probe}.httpGet.port`) === name, `${probe} asks elsewhere`),
        ),
      ];
    }),
  ),
  {
    name: 'holds no secret',
    problems: (objects) =>
      ofKind(objects, 'Secret').map(({ metadata }) => `${metadata.name} would be in the repository`),
  },
  { name: 'has a configuration that is valid, and fits', problems: configurationProblems },
];

function noPolicy(objects: readonly Manifest[]): string[] {
  return unless(ofKind(objects, 'NetworkPolicy').length > 0, 'there is no NetworkPolicy');
}

function networkProblems(policy: Manifest): string[] {
  const ingress = listAt(policy, 'spec.ingress');
  const ports = ingress.flatMap((rule) => listAt(rule, 'ports').map((port) => textAt(port, 'port')));
  const names = listAt(policy, 'spec.egress').flatMap((rule) =>
    listAt(rule, 'ports').map((port) => textAt(port, 'port')),
  );
  return [
    ...unless(listAt(policy, 'spec.policyTypes').join() === 'Ingress,Egress', 'it is not for both directions'),
    ...unless(ports.length === ingress.length && ports.every((port) => port === '8000'), `it opens ${ports.join()}`),
    ...unless(names.includes('53'), 'names cannot be looked up'),
    ...unless(isReachable(policy, '93.184.216.34', 443), 'the internet cannot be reached'),
    ...FORBIDDEN.flatMap((address) =>
      PORTS.flatMap((port) => unless(!isReachable(policy, address, port), `${address}:${port} can be reached`)),
    ),
  ];
}

async function configurationProblems(objects: readonly Manifest[]): Promise<string[]> {
  const found = podsOf(objects).map((pod) => ofPod(pod, objects));
  return (await Promise.all(found)).flat();
}

async function ofPod(pod: Pod, objects: readonly Manifest[]): Promise<string[]> {
  const volumes = listAt(pod.spec, 'volumes');
  const map = volumes.map((volume) => textAt(volume, 'configMap.name')).find((name) => name !== '');
  const found = ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name === map);
  if (found === undefined) return [`there is no ConfigMap ${map}`];
  const text = textAt({ data: Object.values(at(found, 'data') ?? {}) }, 'data.0');
  const checked = await readConfig(text);
  if (checked.plan === undefined) return [checked.problems];
  const { listen, consumers = [], shutdownGrace } = checked.plan;
  const { allowedHosts = [] } = listen;
  const [service] = ofKind(objects, 'Service');
  const mounts = pod.containers.flatMap((container) => listAt(container, 'volumeMounts'));
  const secrets = textAt(
    mounts.find((mount) => textAt(mount, 'name') === 'secrets'),
    'mountPath',
  );
  const pause = Number(textAt(pod.containers[0], 'lifecycle.preStop.exec.command.1'));
  const wanted = [
    service?.metadata.name ?? '',
    `${service?.metadata.name}.${service?.metadata.namespace ?? 'hostler'}.svc`,
    ...ofKind(objects, 'Ingress').flatMap((one) => listAt(one, 'spec.rules').map((rule) => textAt(rule, 'host'))),
  ];
  return [
    ...unless(consumers.length > 0, 'it has no consumers'),
    ...wanted.flatMap((host) => unless(allowedHosts.includes(host), `it refuses clients that call it ${host}`)),
    ...secretReferences(text).flatMap((reference) =>
      unless(secrets !== '' && reference.startsWith(`file://${secrets}/`), `${reference} is not mounted`),
    ),
    ...unless(
      Number(textAt(pod.spec, 'terminationGracePeriodSeconds')) >= pause + shutdownGrace / 1000 + 10,
      'a stop is cut short',
    ),
    ...unless(
      mounts.some((mount) => textAt(mount, 'mountPath') === '/etc/hostler') &&
        listAt(pod.containers[0], 'env').some((one) => textAt(one, 'value') === '/etc/hostler/hostler.yaml'),
      'it is not where HOSTLER_CONFIG says',
    ),
  ];
}

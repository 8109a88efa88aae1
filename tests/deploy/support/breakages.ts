import { at, listAt, ofKind } from './objects.ts';
import type { Manifest } from './objects.ts';

/** A change that one policy has to see. */
export interface Breakage {
  readonly policy: string;
  readonly what: string;
  readonly breakIt: (objects: Manifest[]) => void;
}

type Members = Record<string, unknown>;

function change(objects: readonly Manifest[], kind: string, path: string): Members {
  const [object] = ofKind(objects, kind);
  return (path === '' ? object : at(object, path)) as Members;
}

function set(kind: string, path: string, members: Members): Breakage['breakIt'] {
  return (objects) => void Object.assign(change(objects, kind, path), members);
}

const POD = 'spec.template.spec';
const CONTAINER = `${POD}.containers.0`;

function configure(replace: (text: string) => string): Breakage['breakIt'] {
  return (objects) => {
    const data = change(objects, 'ConfigMap', 'data');
    data['hostler.yaml'] = replace(String(data['hostler.yaml']));
  };
}

function breaks(policy: string, cases: Readonly<Record<string, Breakage['breakIt']>>): Breakage[] {
  return Object.entries(cases).map(([what, breakIt]) => ({ policy, what, breakIt }));
}

/** For every policy what it has to see, several where it says several things. */
export const breakages: readonly Breakage[] = [
  ...breaks('runs as a user of its own that is not root', {
    'a root user': set('Deployment', `${POD}.securityContext`, { runAsUser: 0 }),
    'a user that nobody checks': set('Deployment', `${POD}.securityContext`, { runAsNonRoot: undefined }),
    'another group': set('Deployment', `${POD}.securityContext`, { runAsGroup: 0 }),
  }),
  ...breaks('has the default seccomp profile', {
    'no profile': set('Deployment', `${POD}.securityContext`, { seccompProfile: undefined }),
    'an unconfined container': set('Deployment', `${CONTAINER}.securityContext`, {
      seccompProfile: { type: 'Unconfined' },
    }),
  }),
  ...breaks('has no token of the Kubernetes API', {
    'a token in the pod': set('Deployment', POD, { automountServiceAccountToken: undefined }),
    'a token of the account': set('ServiceAccount', '', { automountServiceAccountToken: true }),
    'the default account': set('Deployment', POD, { serviceAccountName: 'default' }),
    'addresses of services': set('Deployment', POD, { enableServiceLinks: true }),
  }),
  ...breaks('shares nothing with its node', {
    'the network of the node': set('Deployment', POD, { hostNetwork: true }),
    'a folder of the node': (objects) => {
      (listAt(change(objects, 'Deployment', POD), 'volumes') as Members[]).push({ name: 'x', hostPath: { path: '/' } });
    },
    'a port of the node': set('Deployment', `${CONTAINER}.ports.0`, { hostPort: 8000 }),
  }),
  ...breaks('has no privilege to gain', {
    escalation: set('Deployment', `${CONTAINER}.securityContext`, { allowPrivilegeEscalation: true }),
    'a privileged container': set('Deployment', `${CONTAINER}.securityContext`, { privileged: true }),
    'capabilities that are kept': set('Deployment', `${CONTAINER}.securityContext`, { capabilities: {} }),
    'capabilities that are added': set('Deployment', `${CONTAINER}.securityContext.capabilities`, { add: ['NET_RAW'] }),
  }),
  ...breaks('writes only where a bounded volume is', {
    'a root that can be written': set('Deployment', `${CONTAINER}.securityContext`, { readOnlyRootFilesystem: false }),
    'a volume without a bound': set('Deployment', `${POD}.volumes.2`, { emptyDir: {} }),
    'no place for state': set('Deployment', `${CONTAINER}.volumeMounts.2`, { readOnly: true }),
  }),
  ...breaks('has requests and limits', {
    'no limit of memory': set('Deployment', `${CONTAINER}.resources.limits`, { memory: undefined }),
    'no request of cpu': set('Deployment', `${CONTAINER}.resources.requests`, { cpu: undefined }),
    'a limit below the request': set('Deployment', `${CONTAINER}.resources.limits`, { memory: '1Mi' }),
  }),
  ...breaks('is asked how it is, under a name that it answers to', {
    'no probe': set('Deployment', CONTAINER, { startupProbe: undefined }),
    'a probe that would be refused': set('Deployment', `${CONTAINER}.livenessProbe.httpGet`, { httpHeaders: [] }),
    'a readiness that is only liveness': set('Deployment', `${CONTAINER}.readinessProbe.httpGet`, { path: '/livez' }),
    'a hasty probe': set('Deployment', `${CONTAINER}.readinessProbe`, { timeoutSeconds: undefined }),
  }),
  ...breaks('names one version of its image', {
    latest: set('Deployment', CONTAINER, { image: 'ghcr.io/hostler/hostler-api:latest' }),
    'no tag': set('Deployment', CONTAINER, { image: 'localhost:5000/hostler-api' }),
  }),
  ...breaks('is chosen by everything that chooses pods', {
    'a Service for others': set('Service', 'spec', { selector: { app: 'other' } }),
    'a budget for others': set('PodDisruptionBudget', 'spec.selector', { matchLabels: { app: 'other' } }),
    'a network policy for nobody': set('NetworkPolicy', 'spec', { podSelector: { matchLabels: { app: 'other' } } }),
    'pods that are not spread': set('Deployment', POD, { topologySpreadConstraints: [] }),
  }),
  ...breaks('is scaled, and can be moved', {
    'an autoscaler of another': set('HorizontalPodAutoscaler', 'spec.scaleTargetRef', { name: 'other' }),
    'a fixed number': set('Deployment', 'spec', { replicas: 2 }),
    'a budget of nothing': set('PodDisruptionBudget', 'spec', { maxUnavailable: 0 }),
    'a rollout that takes away': set('Deployment', 'spec.strategy.rollingUpdate', { maxUnavailable: 1 }),
  }),
  ...breaks('is reached at its port alone, and reaches no metadata and no neighbour', {
    'no policy': (objects) =>
      void objects.splice(0, objects.length, ...objects.filter((one) => one.kind !== 'NetworkPolicy')),
    'the metadata service': set('NetworkPolicy', 'spec.egress.1.to.0.ipBlock', { except: [] }),
    'its IPv6 address': set('NetworkPolicy', 'spec.egress.1.to.1.ipBlock', { except: [] }),
    'everything out': set('NetworkPolicy', 'spec', { egress: [{}] }),
    'only what comes in': set('NetworkPolicy', 'spec', { policyTypes: ['Ingress'] }),
    'another port': set('NetworkPolicy', 'spec.ingress.0', { ports: [{ port: 9229 }] }),
    'every port': set('NetworkPolicy', 'spec.ingress.0', { ports: [] }),
  }),
  ...breaks('has one port from the Service to the container', {
    'another port of the container': set('Deployment', `${CONTAINER}.ports.0`, { containerPort: 8080 }),
    'another PORT': set('Deployment', `${CONTAINER}.env.1`, { value: '9000' }),
    'another port of the Service': set('Service', 'spec.ports.0', { targetPort: 'metrics' }),
    'a probe elsewhere': set('Deployment', `${CONTAINER}.livenessProbe.httpGet`, { port: 9000 }),
  }),
  ...breaks('holds no secret', {
    'a Secret': (objects) =>
      void objects.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hostler-secrets' } }),
  }),
  ...breaks('has a configuration that is valid, and fits', {
    'a key that does not exist': configure((text) => `${text}\nserverz: {}\n`),
    'no consumers': configure((text) => text.replace(/consumers:[\s\S]*?\nroles:/, 'consumers: {}\nroles:')),
    'a name that it refuses': configure((text) => text.replace('mcp.example.com, ', '')),
    'a secret that is not mounted': configure((text) =>
      text.replace('secrets/hostler/client-key', 'secrets/client-key'),
    ),
    'a grace that is cut short': configure((text) => text.replace('grace: 25s', 'grace: 2m')),
    'no ConfigMap': set('ConfigMap', 'metadata', { name: 'other' }),
  }),
];

import { at, listAt, ofKind, textAt } from './objects.ts';
import { ofContainers, ofPods, unless } from './policy.ts';
import type { Policy } from './policy.ts';
import { quantity } from './quantity.ts';

const IMAGE = /^[^@\s]+?(?::(?<tag>[\w.-]+))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;
const VERSION = /^v?\d+\.\d+\.\d+/;

/** What every pod of ours has to be, beyond what a cluster with `restricted` Pod Security would insist on. */
export const podPolicies: readonly Policy[] = [
  ofPods('runs as a user of its own that is not root', ({ spec }) => [
    ...unless(at(spec, 'securityContext.runAsNonRoot') === true, 'runAsNonRoot is not true'),
    ...unless(at(spec, 'securityContext.runAsUser') === 10_001, 'runAsUser is not that of the image'),
    ...unless(at(spec, 'securityContext.runAsGroup') === 10_001, 'runAsGroup is not that of the image'),
  ]),
  ofPods('has the default seccomp profile', ({ spec, containers }) => [
    ...unless(textAt(spec, 'securityContext.seccompProfile.type') === 'RuntimeDefault', 'the pod has no profile'),
    ...containers.flatMap((one) =>
      unless(!textAt(one, 'securityContext.seccompProfile.type').startsWith('Un'), 'a container is unconfined'),
    ),
  ]),
  ofPods('has no token of the Kubernetes API', ({ spec }, objects) => {
    const name = textAt(spec, 'serviceAccountName');
    const account = ofKind(objects, 'ServiceAccount').find(({ metadata }) => metadata.name === name);
    return [
      ...unless(at(spec, 'automountServiceAccountToken') === false, 'the pod mounts a token'),
      ...unless(name !== '' && name !== 'default', 'the account is the default one'),
      ...unless(at(account, 'automountServiceAccountToken') === false, `the account ${name} mounts its token`),
      ...unless(at(spec, 'enableServiceLinks') === false, 'addresses of services are in the environment'),
    ];
  }),
  ofPods('shares nothing with its node', ({ spec, containers }) => [
    ...['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'].flatMap((member) =>
      unless(at(spec, member) !== true, `${member} is on`),
    ),
    ...listAt(spec, 'volumes').flatMap((volume) =>
      unless(at(volume, 'hostPath') === undefined, 'a volume is a hostPath'),
    ),
    ...containers.flatMap((one) =>
      listAt(one, 'ports').flatMap((port) => unless(at(port, 'hostPort') === undefined, 'a port is the node’s')),
    ),
  ]),
  ofContainers('has no privilege to gain', (container) => [
    ...unless(at(container, 'securityContext.allowPrivilegeEscalation') === false, 'privileges can be gained'),
    ...unless(at(container, 'securityContext.privileged') !== true, 'it is privileged'),
    ...unless(listAt(container, 'securityContext.capabilities.drop').includes('ALL'), 'capabilities are kept'),
    ...unless(listAt(container, 'securityContext.capabilities.add').length === 0, 'capabilities are added'),
  ]),
  ofContainers('writes only where a bounded volume is', (container, { spec }) => [
    ...unless(at(container, 'securityContext.readOnlyRootFilesystem') === true, 'the root can be written'),
    ...listAt(spec, 'volumes').flatMap((volume) =>
      unless(
        at(volume, 'emptyDir') === undefined || quantity(textAt(volume, 'emptyDir.sizeLimit')) > 0,
        `the volume ${textAt(volume, 'name')} has no bound`,
      ),
    ),
    ...['/tmp', '/var/lib/hostler'].flatMap((path) =>
      unless(
        listAt(container, 'volumeMounts').some(
          (mount) => textAt(mount, 'mountPath') === path && at(mount, 'readOnly') !== true,
        ),
        `${path} cannot be written`,
      ),
    ),
  ]),
  ofContainers('has requests and limits', (container) =>
    ['cpu', 'memory'].flatMap((resource) => {
      const request = quantity(textAt(container, `resources.requests.${resource}`));
      const limit = quantity(textAt(container, `resources.limits.${resource}`));
      return unless(request > 0 && limit >= request, `${resource}: a request of ${request}, a limit of ${limit}`);
    }),
  ),
  ofContainers('is asked how it is, under a name that it answers to', (container) =>
    ['startupProbe', 'livenessProbe', 'readinessProbe'].flatMap((probe) => {
      const request = at(container, `${probe}.httpGet`);
      const host = listAt(request, 'httpHeaders').find((header) => textAt(header, 'name') === 'Host');
      const path = probe === 'readinessProbe' ? '/readyz' : '/livez';
      return [
        ...unless(textAt(request, 'path') === path, `${probe} asks for ${textAt(request, 'path') || 'nothing'}`),
        ...unless(textAt(host, 'value') === 'localhost', `${probe} would be refused for its Host`),
        ...unless(Number(textAt(container, `${probe}.timeoutSeconds`)) >= 2, `${probe} is hasty`),
      ];
    }),
  ),
  ofContainers('names one version of its image', (container) => {
    const { tag = '', digest } = IMAGE.exec(textAt(container, 'image'))?.groups ?? {};
    return unless(digest !== undefined || VERSION.test(tag), `${textAt(container, 'image')} may be any version`);
  }),
];

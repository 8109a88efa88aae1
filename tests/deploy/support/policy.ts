import type { Manifest } from './objects.ts';
import { labelsAt, listAt, ofKind } from './objects.ts';

/** Something that has to hold for all that is applied together. */
export interface Policy {
  readonly name: string;
  /** What is wrong, a line each. */
  readonly problems: (objects: readonly Manifest[]) => readonly string[] | Promise<readonly string[]>;
}

/** A pod as a workload describes it, and the workload. */
export interface Pod {
  readonly of: Manifest;
  readonly spec: unknown;
  readonly containers: readonly unknown[];
}

export function podsOf(objects: readonly Manifest[]): Pod[] {
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].flatMap((kind) =>
    ofKind(objects, kind).map((of) => {
      const template = (of['spec'] as { template: { spec: unknown } }).template;
      const containers = [...listAt(template.spec, 'initContainers'), ...listAt(template.spec, 'containers')];
      return { of, spec: template.spec, containers };
    }),
  );
}

export function podLabels({ of }: Pod): Readonly<Record<string, string>> {
  return labelsAt(of, 'spec.template.metadata.labels');
}

/** A policy over every pod. */
export function ofPods(name: string, problemsOf: (pod: Pod, objects: readonly Manifest[]) => string[]): Policy {
  return {
    name,
    problems: (objects) => {
      const pods = podsOf(objects);
      return pods.length === 0 ? ['there is no workload'] : pods.flatMap((pod) => problemsOf(pod, objects));
    },
  };
}

/** A policy over every container. */
export function ofContainers(name: string, problemsOf: (container: unknown, pod: Pod) => string[]): Policy {
  return ofPods(name, (pod) => pod.containers.flatMap((container) => problemsOf(container, pod)));
}

/** What differs from what has to be there. */
export function unless(holds: boolean, problem: string): string[] {
  return holds ? [] : [problem];
}

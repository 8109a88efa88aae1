import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fetchEtcd, fetchPrometheus } from './from-debian.mjs';
import { fetchKubectlAndHelm } from './kubectl-and-helm.mjs';
import { buildApiServer } from './build-api-server.mjs';
import { programs, toolsFolder } from './places.mjs';

const tools = [
  { names: ['kubectl', 'helm'], get: fetchKubectlAndHelm },
  { names: ['prometheus', 'promtool'], get: fetchPrometheus },
  { names: ['etcd'], get: fetchEtcd },
  { names: ['kube-apiserver'], get: buildApiServer },
];

/**
 * Sees to it that programs are in .tools/deploy/bin; says which cannot be had, and why.
 * @returns whether all are there
 */
export function have(wanted) {
  mkdirSync(toolsFolder, { recursive: true });
  const needed = tools.filter(({ names }) => names.some((name) => wanted.includes(name)));
  let isComplete = true;
  for (const { names, get } of needed) {
    if (names.every((name) => existsSync(join(programs, name)))) continue;
    const begun = performance.now();
    const problem = get();
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    console.log(`deploy: ${names.join(' and ')}: ${problem === undefined ? `ready after ${seconds} s` : problem}`);
    if (problem !== undefined) isComplete = false;
  }
  return isComplete;
}

#!/usr/bin/env node
// Writes the version of the product, that of @hostler/api, wherever else it stands: where the host tells it to clients and
// servers, in the labels of its images, and where deploy/ names an image or a chart.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const { version } = JSON.parse(readFileSync(path('apps/api/package.json'), 'utf8'));

const places = [
  ['packages/upstream/src/host-info.ts', /(?<=export const hostInfo: JsonObject = \{.*\bversion: ')[^']*(?=')/],
  ['docker-bake.hcl', /(?<=variable "VERSION" \{ default = ")[^"]*(?=")/],
  ['deploy/kubernetes/base/deployment.yaml', /(?<=image: hostler-api:)\S+/],
  ['deploy/kubernetes/overlays/staging/kustomization.yaml', /(?<=newTag: )\S+/],
  ['deploy/kubernetes/overlays/production/kustomization.yaml', /(?<=newTag: )\S+/],
  ['deploy/helm/hostler/Chart.yaml', /(?<=^version: )\S+/m],
  ['deploy/helm/hostler/Chart.yaml', /(?<=^appVersion: )\S+/m],
  ['deploy/cloudrun/service.yaml', /(?<=\/hostler-api:)\S+/],
];
for (const [name, pattern] of places) {
  const source = readFileSync(path(name), 'utf8');
  if (!pattern.test(source)) {
    console.error(`${name} has no version to replace: one line has to match ${pattern}`);
    process.exit(1);
  }
  const written = source.replace(pattern, version);
  if (written !== source) writeFileSync(path(name), written);
}
console.log(`the product is ${version}`);

#!/usr/bin/env node
// Writes the version of the product, that of @hostler/api, where the host tells it to clients and servers, and into the labels
// of its images.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const { version } = JSON.parse(readFileSync(path('apps/api/package.json'), 'utf8'));
for (const { name, pattern } of [
  {
    name: 'packages/upstream/src/host-info.ts',
    pattern: /(?<=export const hostInfo: JsonObject = \{.*\bversion: ')[^']*(?=')/,
  },
  { name: 'docker-bake.hcl', pattern: /(?<=variable "VERSION" \{ default = ")[^"]*(?=")/ },
]) {
  const file = path(name);
  const source = readFileSync(file, 'utf8');
  if (!pattern.test(source)) {
    console.error(`${file} has no version to replace: one line has to match ${pattern}`);
    process.exit(1);
  }
  const written = source.replace(pattern, version);
  if (written !== source) writeFileSync(file, written);
}
console.log(`the product is ${version}`);

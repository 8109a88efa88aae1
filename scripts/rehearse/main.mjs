#!/usr/bin/env node
// Publishes every package to a registry of its own on this machine, and uses them as a stranger would: each one alone in
// an empty project, with the examples of its README and its programs; a secret provider from outside the workspace; a new
// package from the template; and the next release, with one package changed. Run after `pnpm build`. `--update` writes the installed sizes down; names of
// steps run only these, with what they need: pnpm rehearse examples.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../packages/public-packages.ts';
import { copyWorkspace } from './copy-workspace.mjs';
import { installAlone } from './install-alone.mjs';
import { addNewPackage } from './new-package.mjs';
import { publishAll } from './publish-all.mjs';
import { startRegistry } from './registry.mjs';
import { releaseChange } from './release-change.mjs';
import { runExamples } from './run-examples.mjs';
import { installScaffold } from './scaffold.mjs';
import { startPrograms } from './start-programs.mjs';
import { useStrangersProvider } from './strangers-provider.mjs';

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const folder = await mkdtemp(join(tmpdir(), 'hostler-rehearsal-'));
const registry = await startRegistry(folder);
let folders = {};
let copy = '';
const steps = [
  { name: 'publish', step: async () => publishAll(registry, root) },
  {
    name: 'alone',
    neededBy: ['examples', 'programs', 'stranger', 'scaffold'],
    step: async () => (folders = await installAlone(registry, { update: process.argv.includes('--update') })),
  },
  { name: 'programs', step: async () => startPrograms(folders) },
  { name: 'examples', step: () => runExamples(registry, folders) },
  { name: 'stranger', step: () => useStrangersProvider(registry, folders) },
  { name: 'scaffold', step: async () => installScaffold(registry, folders) },
  { name: 'copy', neededBy: ['new', 'release'], step: async () => (copy = copyWorkspace(registry)) },
  { name: 'new', step: async () => addNewPackage(copy) },
  { name: 'release', step: () => releaseChange(registry, copy) },
];
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
const begun = performance.now();
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);
try {
  if (unknown.length > 0) {
    throw new Error(`no such step: ${unknown.join(', ')}. There are: ${steps.map(({ name }) => name).join(', ')}`);
  }
  for (const { name, neededBy = [], step } of steps) {
    const isWanted = [name, ...neededBy].some((one) => wanted.includes(one));
    if (wanted.length > 0 && !isWanted && name !== 'publish') continue;
    const since = performance.now();
    await step();
    console.log(`✓ ${name} (${seconds(since)} s)\n`);
  }
  console.log(`✓ rehearsed in ${seconds(begun)} s`);
} catch (error) {
  console.error(`✗ ${error.message}`);
  process.exitCode = 1;
} finally {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
}

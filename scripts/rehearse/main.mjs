#!/usr/bin/env node
// Publishes every package to a registry of its own on this machine, and uses them as a stranger would: each one alone in
// an empty project, and a secret provider from outside the workspace together with the command line. Run after
// `pnpm build`. `--update` writes the installed sizes down, `--skip-sizes` leaves them out.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishAll } from './publish-all.mjs';
import { startRegistry } from './registry.mjs';
import { measureSizes } from './installed-sizes.mjs';
import { installScaffold } from './scaffold.mjs';
import { useStrangersProvider } from './strangers-provider.mjs';

const folder = await mkdtemp(join(tmpdir(), 'hostler-rehearsal-'));
const registry = await startRegistry(folder);
const steps = [
  { name: 'publish', step: async () => publishAll(registry) },
  { name: 'sizes', step: async () => measureSizes(registry, { update: process.argv.includes('--update') }) },
  { name: "a stranger's provider", step: async () => useStrangersProvider(registry) },
  { name: 'a new provider', step: async () => installScaffold(registry) },
];
try {
  for (const { name, step } of steps) {
    if (name === 'sizes' && process.argv.includes('--skip-sizes')) continue;
    const begun = performance.now();
    await step();
    console.log(`✓ ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)\n`);
  }
} catch (error) {
  console.error(`✗ ${error.message}`);
  process.exitCode = 1;
} finally {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
}

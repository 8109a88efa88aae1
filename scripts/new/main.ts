#!/usr/bin/env node
// pnpm new package <name> --row <1 to 5> --description "<what it holds>": a package from a template, entered in the table
// of layers and in the pins.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { root } from '../packages/public-packages.ts';
import { createPackage } from './create-package.ts';
import { readRequest } from './request.ts';

try {
  const request = readRequest(process.argv.slice(2));
  const files = createPackage(root, request);
  const { status, stderr } = spawnSync('pnpm', ['exec', 'oxfmt', '--write', ...files], { cwd: root, encoding: 'utf8' });
  if (status !== 0) console.error(`oxfmt could not format them: ${stderr}`);
  for (const file of files) console.log(file);
  console.log(`
Next: pnpm install, which enters it in the lockfile; then pnpm check.
Then: a line for it in README.md and docs/architecture.md, and a changeset (pnpm exec changeset).`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

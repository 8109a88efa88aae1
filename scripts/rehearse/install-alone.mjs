import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importPaths, publicPackages } from '../packages/public-packages.ts';
import { run } from './run.mjs';

const pins = fileURLToPath(new URL('installed-sizes.json', import.meta.url));
/** How much larger than written down a package may become before somebody has to look at it. */
const TOLERANCE = 1.1;
const VENDORS = ['@google-cloud', '@aws-sdk', '@smithy'];

/**
 * Installs each package alone, imports all that it exports, and compares what it weighs with what was written down.
 * @returns the folder of each, by package
 */
export async function installAlone(registry, { update }) {
  const known = JSON.parse(readFileSync(pins, 'utf8'));
  const sizes = {};
  const folders = {};
  const problems = [];
  for (const { manifest } of publicPackages()) {
    const { name } = manifest;
    const cwd = await registry.project(name.replace('/', '-'));
    registry.install(cwd, name);
    importAlone(cwd, importPaths(manifest));
    const size = sizeOf(join(cwd, 'node_modules'));
    sizes[name] = size;
    folders[name] = cwd;
    console.log(
      `${name.padEnd(24)} ${String(size.packages).padStart(4)} packages ${size.megabytes.toFixed(1).padStart(6)} MB`,
    );
    problems.push(...vendorProblems(cwd, name), ...sizeProblems(name, size, known[name]));
  }
  if (update) writeFileSync(pins, `${JSON.stringify(sizes, null, 2)}\n`);
  else if (problems.length > 0) throw new Error(`${problems.join('\n')}\nIf that is meant: pnpm rehearse --update`);
  return folders;
}

/** What tests of others are written with needs their test runner, and is imported where there is one. */
const NEEDS_VITEST = new Set(['@hostler/secrets/testing']);

function importAlone(cwd, paths) {
  const source = `for (const path of ${JSON.stringify(paths.filter((path) => !NEEDS_VITEST.has(path)))}) {
    if (Object.keys(await import(path)).length === 0) throw new Error(path + ' exports nothing');
  }`;
  run(process.execPath, ['--input-type=module', '-e', source], { cwd });
}

function vendorProblems(cwd, name) {
  if (name.startsWith('@hostler/secrets-')) return [];
  const vendors = VENDORS.filter((vendor) => readdirSync(join(cwd, 'node_modules')).includes(vendor));
  return vendors.length > 0 ? [`${name} installs ${vendors.join(', ')}`] : [];
}

function sizeProblems(name, { packages, megabytes }, pin) {
  if (pin === undefined) return [`${name} has no size written down`];
  const isAsPinned = megabytes <= pin.megabytes * TOLERANCE + 0.1 && packages <= pin.packages * TOLERANCE + 1;
  return isAsPinned ? [] : [`${name} was ${pin.packages} packages and ${pin.megabytes} MB`];
}

function sizeOf(folder) {
  let bytes = 0;
  let packages = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += lstatSync(join(entry.parentPath, entry.name)).size;
    if (entry.name === 'package.json' && /node_modules\/(?:@[^/]+\/)?[^/]+$/.test(entry.parentPath)) packages += 1;
  }
  return { packages, megabytes: Math.round(bytes / 1e5) / 10 };
}

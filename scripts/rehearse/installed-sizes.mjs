import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicPackages } from './publish-all.mjs';
import { run } from './run.mjs';

const pins = fileURLToPath(new URL('installed-sizes.json', import.meta.url));
/** How much larger than written down a package may become before somebody has to look at it. */
const TOLERANCE = 1.1;
const VENDORS = ['@google-cloud', '@aws-sdk', '@smithy'];

/** Installs each package alone, imports it, and compares what it weighs with what was written down. */
export async function measureSizes(registry, { update }) {
  const known = JSON.parse(readFileSync(pins, 'utf8'));
  const sizes = {};
  const problems = [];
  for (const { name, exports } of publicPackages()) {
    const cwd = await registry.project(name.replace('/', '-'));
    registry.install(cwd, name);
    if (exports !== undefined) importAlone(cwd, name);
    const size = sizeOf(join(cwd, 'node_modules'));
    sizes[name] = size;
    console.log(
      `${name.padEnd(24)} ${String(size.packages).padStart(4)} packages ${size.megabytes.toFixed(1).padStart(6)} MB`,
    );
    const vendors = VENDORS.filter((vendor) => readdirSync(join(cwd, 'node_modules')).includes(vendor));
    if (vendors.length > 0 && !name.startsWith('@hostler/secrets-'))
      problems.push(`${name} installs ${vendors.join(', ')}`);
    const pin = known[name];
    if (pin === undefined) problems.push(`${name} has no size written down`);
    else if (size.megabytes > pin.megabytes * TOLERANCE + 0.1 || size.packages > pin.packages * TOLERANCE + 1) {
      problems.push(`${name} was ${pin.packages} packages and ${pin.megabytes} MB`);
    }
  }
  if (update) writeFileSync(pins, `${JSON.stringify(sizes, null, 2)}\n`);
  else if (problems.length > 0) throw new Error(`${problems.join('\n')}\nIf that is meant: pnpm rehearse --update`);
}

function importAlone(cwd, name) {
  const names = run(
    process.execPath,
    ['-e', `import(${JSON.stringify(name)}).then((all) => console.log(Object.keys(all).length))`],
    { cwd },
  );
  if (Number(names) === 0) throw new Error(`${name} exports nothing`);
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

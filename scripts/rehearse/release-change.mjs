import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicPackages, root } from '../packages/public-packages.ts';
import { publishAll } from './publish-all.mjs';
import { run } from './run.mjs';

const CHANGED = '@hostler/audit';
/** One version for all of these: see .changeset/config.json. */
const PRODUCT = ['@hostler/api', '@hostler/cli', '@hostler/upstream'];

/**
 * The next release, in a copy of the workspace: one package is changed, a changeset says so, and what comes out are the
 * versions of that package, of those that need it in the new version, and of the product; nothing else. All of it installs.
 * A package that the copy alone has is published in its first version.
 */
export async function releaseChange(registry, copy) {
  const before = versionsOf(copy);
  changeOnePackage(copy);
  run('pnpm', ['run', 'version'], { cwd: copy });
  const after = versionsOf(copy);
  const released = Object.keys(after).filter((name) => after[name] !== before[name]);
  expectSame('the packages with a new version', released, expectedReleases(copy, before));
  expectSame('versions of the product', [...new Set(PRODUCT.map((name) => after[name]))], [after['@hostler/api']]);
  const env = { TURBO_CACHE_DIR: join(root, '.turbo/cache'), TURBO_TELEMETRY_DISABLED: '1' };
  run('pnpm', ['run', 'build'], { cwd: copy, env });
  const published = await publishAll(registry, copy, ['exec', 'changeset', 'publish', '--no-git-tag']);
  const known = publicPackages().map(({ manifest }) => manifest.name);
  const added = Object.keys(after).filter((name) => !known.includes(name));
  expectSame(
    'what was published',
    published,
    [...released, ...added].map((name) => `${name}@${after[name]}`),
  );
  await useRelease(registry, after);
}

/** The only change of this release: what waits for the next one is left out. */
function changeOnePackage(copy) {
  const folder = join(copy, '.changeset');
  for (const name of readdirSync(folder)) if (name.endsWith('.md') && name !== 'README.md') rmSync(join(folder, name));
  writeFileSync(join(folder, 'rehearsal.md'), `---\n'${CHANGED}': minor\n---\n\nIt can be rehearsed.\n`);
  const { directory } = publicPackages(copy).find(({ manifest }) => manifest.name === CHANGED);
  appendFileSync(join(copy, directory, 'src/index.ts'), '\nexport const rehearsed: boolean = true;\n');
}

function versionsOf(workspace) {
  return Object.fromEntries(publicPackages(workspace).map(({ manifest }) => [manifest.name, manifest.version]));
}

/** Below 1.0.0 a minor version leaves the range of those that depend on it, which then need a version of their own. */
function expectedReleases(workspace, before) {
  const expected = new Set([CHANGED]);
  if (before[CHANGED].startsWith('0.')) {
    for (const { manifest } of publicPackages(workspace)) {
      if (Object.hasOwn(manifest.dependencies ?? {}, CHANGED)) expected.add(manifest.name);
    }
  }
  if (PRODUCT.some((name) => expected.has(name))) for (const name of PRODUCT) expected.add(name);
  return [...expected];
}

function expectSame(what, actual, expected) {
  const [one, other] = [actual, expected].map((names) => names.toSorted().join(', '));
  if (one !== other) throw new Error(`${what}: ${one}\nexpected: ${other}`);
  console.log(`${what}: ${one}`);
}

async function useRelease(registry, versions) {
  const cwd = await registry.project('release');
  registry.installNewest(cwd, '@hostler/cli');
  const version = run(join(cwd, 'node_modules/.bin/hostler'), ['--version'], { cwd }).trim();
  expectSame('hostler --version', [version], [versions['@hostler/cli']]);
  for (const { manifest } of publicPackages()) {
    const installed = join(cwd, 'node_modules', manifest.name, 'package.json');
    if (!existsSync(installed)) continue;
    expectSame(manifest.name, [JSON.parse(readFileSync(installed, 'utf8')).version], [versions[manifest.name]]);
  }
  const source = `import { rehearsed } from '${CHANGED}';
    import { hostInfo } from '@hostler/upstream';
    console.log(rehearsed, hostInfo.version);`;
  const printed = run(process.execPath, ['--input-type=module', '-e', source], { cwd }).trim();
  expectSame('the change, and what the host says of itself', [printed], [`true ${versions['@hostler/upstream']}`]);
}

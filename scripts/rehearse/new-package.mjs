import { run } from './run.mjs';

const NAME = 'rehearsed-thing';
const CHANGED = [
  'tests/pins/layers.test.ts',
  'tests/pins/public-surface.json',
  'scripts/rehearse/installed-sizes.json',
];
const PINS = ['layers', 'public-surface', 'version'].map((pin) => `tests/pins/${pin}.test.ts`);
const TEST = ['exec', 'vitest', 'run', '--project', 'unit', '--reporter=dot'];

/** What `pnpm new package` writes passes the checks as it is. @returns the name of the package that the copy has now */
export function addNewPackage(copy) {
  const check = (...line) => run('pnpm', line, { cwd: copy });
  check('new', 'package', NAME, '--row', '2', '--description', 'What a rehearsal makes and throws away');
  // Where CI is set, pnpm leaves the lockfile alone otherwise.
  check('install', '--no-frozen-lockfile', '--prefer-offline');
  check('exec', 'oxfmt', '--check', `packages/${NAME}`, ...CHANGED);
  check('exec', 'oxlint', '--deny-warnings', `packages/${NAME}`, 'tests/pins/layers.test.ts');
  check('exec', 'knip', '--workspace', `packages/${NAME}`);
  check(...TEST, ...PINS, `packages/${NAME}`);
  check(...TEST, 'tests/pins/import-purity.test.ts', '-t', `@hostler/${NAME}`);
  check('exec', 'turbo', 'run', 'build', '--filter', `@hostler/${NAME}`);
  check('check:packages', `@hostler/${NAME}`);
  console.log(`@hostler/${NAME}: formatted, linted, tested, built and packed as pnpm new writes it`);
  return `@hostler/${NAME}`;
}
